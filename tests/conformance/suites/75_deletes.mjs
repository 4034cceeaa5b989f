// Deletes: what goes with a record, what is cleared, what keeps it from going.

const rules = { listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" };
const relation = (name, collectionId, options = {}) => ({ type: "relation", name, collectionId, maxSelect: 1, ...options });
const ROOT = "gen_root0000000";
const COLLECTIONS = [
    { id: ROOT, name: "gen_root", fields: [{ type: "text", name: "title" }], ...rules },
    {
        id: "gen_branch00000",
        name: "gen_branch",
        fields: [relation("cascaded", ROOT, { cascadeDelete: true }), relation("cleared", ROOT), relation("kept", ROOT, { required: true }), relation("cleared_some", ROOT, { maxSelect: 3 }), relation("cascaded_some", ROOT, { maxSelect: 3, cascadeDelete: true })],
        ...rules,
    },
    {
        id: "gen_leaf0000000",
        name: "gen_leaf",
        fields: [relation("branch", "gen_branch00000", { required: true, cascadeDelete: true }), relation("needed", "gen_branch00000", { required: false, maxSelect: 4, minSelect: 1 })],
        ...rules,
        // A cascade does not ask the rules.
        deleteRule: null,
    },
];
const root = (at) => `root${String(at).padStart(11, "0")}`;

export async function run({ recorder, guest, superuser }) {
    for (const definition of COLLECTIONS) await recorder.step(`create ${definition.name}`, () => superuser.collections.create(definition));
    for (let at = 0; at < 12; at++) await recorder.step("fill roots", () => superuser.collection("gen_root").create({ id: root(at), title: `root ${at}` }));
    const branch = (id, fields) => recorder.step("fill branches", () => superuser.collection("gen_branch").create({ id: id.padEnd(15, "0"), kept: root(0), ...fields }));
    await branch("b1", { cascaded: root(1) });
    await branch("b2", { cleared: root(2), cleared_some: [root(2), root(3), root(4)] });
    await branch("b3", { kept: root(5), cascaded: root(6) });
    await branch("b4", { cascaded_some: [root(7), root(8)] });
    await branch("b5", { cascaded_some: [root(9)], cleared: root(9) });
    await branch("b6", { kept: root(10), cleared: root(10) });
    await branch("b7", { kept: root(11), cascaded: root(11) });
    const leaf = (id, fields) => recorder.step("fill leaves", () => superuser.collection("gen_leaf").create({ id: id.padEnd(15, "0"), ...fields }));
    await leaf("l1", { branch: "b1".padEnd(15, "0"), needed: ["b2".padEnd(15, "0")] });
    await leaf("l2", { branch: "b2".padEnd(15, "0"), needed: ["b1".padEnd(15, "0"), "b4".padEnd(15, "0")] });
    await leaf("l3", { branch: "b4".padEnd(15, "0"), needed: ["b4".padEnd(15, "0")] });

    const all = async () => {
        for (const { name } of COLLECTIONS) await recorder.step(`all of ${name}`, () => superuser.collection(name).getFullList({ sort: "id" }));
    };
    await all();
    for (const at of [1, 2, 3, 5, 0, 6, 7, 8, 9, 10, 11, 4, 4]) {
        await recorder.step(`guest deletes root ${at}`, () => guest.collection("gen_root").delete(root(at)));
        await all();
    }
    for (const id of ["b2", "b4"]) {
        await recorder.step(`guest deletes branch ${id}`, () => guest.collection("gen_branch").delete(id.padEnd(15, "0")));
        await all();
    }
    await recorder.step("guest deletes a leaf", () => guest.collection("gen_leaf").delete("l1".padEnd(15, "0")));
    await onTheGenerated({ recorder, superuser });
}

/** On the filled collections: members, teams and a project, whose tasks and comments go with it. */
async function onTheGenerated({ recorder, superuser }) {
    for (const [collection, id] of [["gen_members", "memb00000000003"], ["gen_teams", "team00000000002"], ["gen_projects", "proj00000000004"], ["gen_comments", "comm00000000001"], ["gen_tasks", "task00000000010"], ["gen_members", "memb00000000009"], ["gen_vault", "vaul00000000000"]]) {
        await recorder.step(`delete in ${collection}`, () => superuser.collection(collection).delete(id));
    }
    for (const collection of ["gen_members", "gen_teams", "gen_projects", "gen_tasks", "gen_comments", "gen_vault", "gen_totals"]) {
        const fields = "*";
        await recorder.step(`all of ${collection}`, () => superuser.collection(collection).getFullList({ sort: "id", fields }));
    }
}
