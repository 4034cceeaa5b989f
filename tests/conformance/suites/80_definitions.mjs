// Definitions of collections: every option of every field type, auth collections, indexes, and what is refused.

import { COLLECTIONS, COMMON, OPTIONS } from "../generate/definitions.mjs";

let made = 0;
const nextName = () => `gen_defined_${++made}`;

export async function run({ recorder, superuser }) {
    const create = async (label, definition) => {
        const collection = await recorder.step(label, () => superuser.collections.create(definition));
        if (collection) await recorder.step(`${label}, deleted`, () => superuser.collections.delete(collection.id));
    };
    for (const [type, [whole, options]] of Object.entries(OPTIONS)) {
        const define = (label, field) => create(label, { name: nextName(), fields: [{ type, name: "a", ...field }] });
        await define(`${type}`, {});
        await define(`${type} whole`, whole);
        for (const [key, values] of Object.entries({ ...options, ...(type === "text" ? COMMON : {}) })) {
            for (const value of values) await define(`${type} with ${key} ${JSON.stringify(value)}`, { ...whole, [key]: value });
        }
    }
    for (const [label, definition] of Object.entries(COLLECTIONS)) {
        const name = nextName();
        const indexes = definition.indexes?.map((index) => index.replace("NAME", name));
        await create(label, { name, ...definition, ...(indexes && { indexes }) });
    }
    await changes(recorder, superuser);
}

/** Changes of a collection that need no conversion of what is stored. */
async function changes(recorder, superuser) {
    const kept = await recorder.step("create one to change", () =>
        superuser.collections.create({ name: "gen_changed", fields: [{ type: "text", name: "a" }, { type: "select", name: "s", values: ["x", "y"] }, { type: "number", name: "n" }] }),
    );
    await recorder.step("fill it", () => superuser.collection("gen_changed").create({ id: "changedchanged0", a: "abc", s: "x", n: 5 }));
    const fields = (change = {}) => (kept?.fields ?? []).map((field) => ({ ...field, ...change[field.name] }));
    const bodies = {
        "nothing": {}, "a rule": { listRule: "a = 'abc'" }, "a wrong rule": { viewRule: "b = 1" }, "rules and nulls": { listRule: null, createRule: "" }, "an added field": { fields: [...fields(), { type: "bool", name: "added" }] }, "a rule on the added field": { listRule: "added = false" }, "bounds": { fields: [...fields({ a: { min: 5, max: 7 }, n: { onlyInt: true } }), { type: "bool", name: "added" }] },
        "more choices": { fields: [...fields({ s: { values: ["x", "y", "z"] } }), { type: "bool", name: "added" }] }, "hidden": { fields: [...fields({ a: { hidden: true, required: true } }), { type: "bool", name: "added" }] }, "every type added": { fields: [...fields(), { type: "bool", name: "added" }, ...Object.entries(OPTIONS).filter(([type]) => type !== "password").map(([type, [whole]]) => ({ type, name: `new_${type}`, ...whole }))] },
        "an index": { indexes: ["CREATE INDEX idx_gen_changed_a ON gen_changed (a)"] }, "another index": { indexes: ["CREATE UNIQUE INDEX idx_gen_changed_n ON gen_changed (n)"] }, "a wrong index": { indexes: ["CREATE INDEX x ON gen_changed (zzz)"] }, "no index": { indexes: [] }, "another type": { type: "auth" }, "another id": { id: "other" }, "the same name": { name: "gen_changed" }, "a taken name": { name: "gen_teams" }, "an empty name": { name: "" }, "no texts": { listRule: 5 }, "a list": { fields: "x" },
    };
    for (const [label, body] of Object.entries(bodies)) {
        await recorder.step(`change: ${label}`, () => superuser.collections.update("gen_changed", body));
        await recorder.step(`record after: ${label}`, () => superuser.collection("gen_changed").getOne("changedchanged0"));
    }
    await recorder.step("change one that is not there", () => superuser.collections.update("gen_nothing", {}));
    await recorder.step("delete one that others refer to", () => superuser.collections.delete("gen_teams"));
    await recorder.step("delete it", () => superuser.collections.delete("gen_changed"));
}
