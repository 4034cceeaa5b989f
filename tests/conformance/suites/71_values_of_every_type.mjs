// What each field type under each option takes, refuses and gives back, on create and on update.

import { REQUIRED, TYPED, valuesFor } from "../generate/types.mjs";

const COMBINATIONS = 150;

export async function run({ recorder, superuser, random }) {
    await recorder.step("create the collection", () => superuser.collections.create(TYPED));
    const typed = superuser.collection(TYPED.name);
    for (const field of TYPED.fields) {
        for (const value of valuesFor(field.type)) {
            await recorder.step(`${field.name} is ${show(value)}`, () => typed.create({ [field.name]: value }, { fields: `id,${field.name}` }));
        }
    }
    const kept = await recorder.step("create one", () => typed.create({ text: "kept" }));
    const id = kept?.id ?? "missing";
    for (let at = 0; at < COMBINATIONS; at++) {
        const fields = random.some(TYPED.fields, random.between(1, 5));
        const body = Object.fromEntries(fields.map(({ name, type }) => [name, random.pick(valuesFor(type))]));
        await recorder.step("create several", () => typed.create(body));
        await recorder.step("update several", () => typed.update(id, body));
    }
    await recorder.step("what is stored", () => typed.getFullList({ sort: "text,number,date,json,created,id", fields: "text,number,date" }));
    await whatIsRequired(recorder, superuser);
}

async function whatIsRequired(recorder, superuser) {
    const fields = Object.entries(REQUIRED).map(([type, [, options]]) => ({ type, name: `${type}_field`, required: true, ...options }));
    await recorder.step("create a collection of required fields", () => superuser.collections.create({ name: "gen_required", fields }));
    const required = superuser.collection("gen_required");
    const whole = Object.fromEntries(Object.entries(REQUIRED).map(([type, [value]]) => [`${type}_field`, value]));
    await recorder.step("nothing", () => required.create({}));
    const kept = await recorder.step("everything", () => required.create(whole));
    const id = kept?.id ?? "missing";
    for (const name of Object.keys(whole)) {
        const { [name]: _, ...rest } = whole;
        await recorder.step(`without ${name}`, () => required.create(rest));
        for (const value of [null, "", 0, false, [], {}, "0", "null", "[]", "{}", '""', { lon: 0, lat: 0 }]) {
            await recorder.step(`${name} is ${show(value)}`, () => required.create({ ...whole, [name]: value }));
            await recorder.step(`${name} becomes ${show(value)}`, () => required.update(id, { [name]: value }));
        }
        await recorder.step(`${name} is restored`, () => required.update(id, whole));
    }
}

function show(value) {
    const text = JSON.stringify(value);
    return text.length > 60 ? `${text.slice(0, 40)}… of ${text.length}` : text;
}
