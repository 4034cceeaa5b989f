// Every rule of ../generate/rules.mjs, in the place of each of the five rules, against what everybody does.

import { actors } from "../generate/actors.mjs";
import { recordId, TEXTS } from "../generate/records.mjs";
import { RULED, RULES, WRONG_RULES } from "../generate/rules.mjs";

const RECORDS = 16;

export async function run(session) {
    const { recorder, superuser, random } = session;
    await recorder.step("create the collection", () => superuser.collections.create(RULED));
    for (const record of records(random)) await recorder.step("fill", () => superuser.collection(RULED.name).create(record));
    await recorder.step("full", () => superuser.collection(RULED.name).getFullList({ sort: "id" }));

    const everybody = (await actors(session)).filter(({ name }) => name !== "superuser");
    for (const rule of RULES) await underRule(session, rule, everybody);
    for (const rule of WRONG_RULES) {
        for (const name of ["listRule", "viewRule", "createRule", "updateRule", "deleteRule"]) {
            await recorder.step(`wrong ${name}: ${rule.slice(0, 100)}`, () => superuser.collections.update(RULED.name, { [name]: rule }, { fields: name }));
        }
    }
}

async function underRule({ recorder, superuser, random }, rule, everybody) {
    const set = (rules) => recorder.step(`set ${rule}`, () => superuser.collections.update(RULED.name, rules));
    await set({ listRule: rule, viewRule: rule, createRule: rule, updateRule: rule, deleteRule: rule });
    const draw = random.for(rule);
    for (const { name, client } of everybody) {
        const step = (what, call) => recorder.step(`${name} ${what} under ${rule}`, call);
        const ruled = client.collection(RULED.name);
        const id = idOf(draw.below(RECORDS));
        const options = { query: { colour: "red" }, headers: { "X-Shade": "dark" } };
        await step("lists", () => ruled.getList(1, 50, { sort: "id", fields: "id", ...options }));
        await step("lists a part", () => ruled.getList(1, 5, { sort: "-level,id", filter: "level > 2 || tags ~ 'red'", fields: "id" }));
        await step("views", () => ruled.getOne(id, options));
        await step("updates", () => ruled.update(id, body(draw), options));
        await step("updates a little", () => ruled.update(id, draw.pick([{}, { title: "Alpha" }, { shared: true }, { "level+": 1 }, { "tags+": "red" }, { "members-": "memb00000000001" }])));
        const created = await step("creates", () => ruled.create({ id: "createdcreated0", ...body(draw) }, options));
        if (created) await step("created, deleted", () => superuser.collection(RULED.name).delete(created.id));
        const kept = await step("seen by the superuser", () => superuser.collection(RULED.name).getOne(id));
        if (await step("deletes", () => ruled.delete(id, options))) await step("deleted, restored", () => superuser.collection(RULED.name).create({ ...kept }));
    }
}

const idOf = (at) => `rule${String(at).padStart(11, "0")}`;

function records(random) {
    const draw = random.for("records");
    return draw.many(RECORDS, (at) => ({ id: idOf(at), ...full(draw) }));
}

function full(draw) {
    const member = () => recordId("members", draw.pick([0, 1, 5, draw.below(12)]));
    const team = () => recordId("teams", draw.below(8));
    return {
        title: draw.pick(TEXTS),
        level: draw.below(8),
        shared: draw.chance(0.5),
        status: draw.pick(["", "draft", "open", "closed"]),
        tags: draw.some(["red", "green", "blue"], draw.below(4)),
        meta: draw.pick([null, { public: true }, { list: ["a"] }, { a: 1 }, [1]]),
        hidden_note: draw.pick(["", "x"]),
        until: draw.pick(["", "2030-01-01 00:00:00.000Z", "2001-01-01 00:00:00.000Z"]),
        owner: draw.chance(0.8) ? member() : "",
        members: [...new Set(draw.many(draw.below(4), member))],
        team: draw.chance(0.8) ? team() : "",
        teams: [...new Set(draw.many(draw.below(4), team))],
    };
}

/** Some of the fields. */
function body(draw) {
    return Object.fromEntries(Object.entries(full(draw)).filter(() => draw.chance(0.5)));
}
