// View collections: what their queries may be, which types their fields get, what can be asked of them.

import { VIEWS } from "../generate/definitions.mjs";

export async function run({ recorder, guest, superuser }) {
    for (const [at, viewQuery] of VIEWS.entries()) {
        const name = `gen_view_${at}`;
        const made = await recorder.step(viewQuery, () => superuser.collections.create({ name, type: "view", viewQuery, listRule: "", viewRule: "" }));
        if (!made) continue;
        await recorder.step(`all of ${viewQuery}`, () => superuser.collection(name).getList(1, 20, { sort: "id" }));
        await recorder.step(`guest lists ${viewQuery}`, () => guest.collection(name).getList(1, 3, { sort: "-id" }));
        await recorder.step(`guest creates in ${viewQuery}`, () => guest.collection(name).create({ id: "x" }));
        await recorder.step(`superuser updates in ${viewQuery}`, () => superuser.collection(name).update("team00000000001", { name: "x" }));
        await recorder.step(`superuser deletes in ${viewQuery}`, () => superuser.collection(name).delete("team00000000001"));
        await recorder.step(`deleted: ${viewQuery}`, () => superuser.collections.delete(name));
    }
    for (const [label, rest] of Object.entries({ "with fields": { fields: [{ type: "text", name: "x" }] }, "with an index": { indexes: ["CREATE INDEX idx_gen_v ON gen_viewed (name)"] }, "with a create rule": { createRule: "" }, "with a wrong rule": { listRule: "nothing = 1" }, "with a right rule": { listRule: "name != '' && lead.rank > 1" }, "without a query": { viewQuery: undefined } })) {
        await recorder.step(`a view ${label}`, () => superuser.collections.create({ name: `gen_viewed_${label.replaceAll(" ", "_")}`, type: "view", viewQuery: "SELECT id, name, lead FROM gen_teams", ...rest }));
    }
    await recorder.step("delete a collection of a view", () => superuser.collections.delete("gen_tasks"));
}
