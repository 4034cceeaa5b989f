// `field+`, `+field`, `field-` and `field:autogenerate` on every field type, on create and update.

import { recordId } from "../generate/records.mjs";
import { TYPED } from "../generate/types.mjs";

const FORMS = [(name) => `${name}+`, (name) => `+${name}`, (name) => `${name}-`, (name) => `${name}:autogenerate`, (name) => `-${name}`, (name) => `${name}:nothing`, (name) => `+${name}+`, (name) => `${name}+-`];
const team = (at) => recordId("teams", at);
const START = {
    text: "start", number: 5, number_bound: 1, number_whole: 3, bool: true, email: "a@example.net", url: "https://example.net", editor: "<p>x</p>", date: "2024-01-01 00:00:00.000Z",
    select: "a", selects: ["b", "a"], json: [1, 2], point: { lon: 1, lat: 1 }, one: team(0), some: [team(1), team(2)], text_auto: "abc-1234", pair: [team(0), team(1)],
};
const VALUES = [1, -2, 0.5, "1", "x", "", null, [], "a", ["c"], ["a", "c"], ["b", "a", "c"], true, {}, team(0), [team(3)], [team(1), team(3)], [team(3), team(4)], "missing00000000", ["missing00000000"], 1e308];

export async function run({ recorder, superuser, random }) {
    const typed = superuser.collection(TYPED.name);
    const id = "modified0000000";
    await recorder.step("create", () => typed.create({ id, ...START }));
    for (const { name } of TYPED.fields) {
        for (const form of FORMS) {
            for (const value of random.for(form(name)).some(VALUES, 9)) {
                const key = form(name);
                await recorder.step(`update ${key} ${JSON.stringify(value)}`, () => typed.update(id, { [key]: value }, { fields: `id,${name}` }));
            }
            await recorder.step("start again", () => typed.update(id, { [name]: START[name] ?? null }, { fields: `id,${name}` }));
        }
    }
    for (const body of [
        { "number+": 1 }, { number: 4, "number+": 1 }, { "number+": 1, number: 4 }, { "number+": 1, "number-": 3 }, { "number-": 3, "number+": 1 }, { "+number": 2, "number+": 3 }, { "selects+": "a" }, { selects: ["a"], "selects+": "b" }, { "+selects": ["c", "a"] }, { "selects-": "a" }, { selects: ["a", "b"], "selects-": "a" }, { "selects+": "c", "selects-": "a" },
        { "some+": team(1) }, { some: [team(1)], "some+": [team(2)], "some-": team(1) }, { "one+": team(2) }, { one: team(1), "one-": team(1) }, { "text_auto:autogenerate": "" }, { "text_auto:autogenerate": "pre-" }, { "text:autogenerate": "" }, { "title+": "x" }, { "id+": "x" }, { "created+": 1 },
        { "nothing+": 1 }, { "+": 1 }, { "-": 1 }, { ":autogenerate": "" }, { "number +": 1 },
    ]) {
        await recorder.step(`create ${JSON.stringify(body)}`, () => typed.create(body, { fields: "id,number,selects,some,one,text" }));
        await recorder.step(`update ${JSON.stringify(body)}`, () => typed.update(id, body, { fields: "id,number,selects,some,one,text" }));
    }
    await recorder.step("at the end", () => typed.getOne(id));
}
