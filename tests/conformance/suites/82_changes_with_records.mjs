// Changes of collections that hold records: what the server answers, and what becomes of the records.

import { CHANGES, TARGET, bodyOf } from "../generate/changes.mjs";

export async function run({ recorder, superuser }) {
    const { records: targets, ...target } = TARGET;
    await recorder.step("create the target", () => superuser.collections.create(target));
    for (const record of targets) await recorder.step("fill the target", () => superuser.collection(TARGET.name).create(record));

    for (const [at, change] of CHANGES.entries()) {
        const { label, records, rest = {} } = change;
        const name = `chg_${at}`;
        const fields = Object.entries(change.fields).map(([field, options]) => ({ name: field, ...options }));
        const definition = JSON.parse(JSON.stringify({ fields, ...rest }).replaceAll("NAME", name));
        const made = await recorder.step(`${label}: create`, () => superuser.collections.create({ name, ...definition }));
        if (!made) continue;
        for (const [row, record] of records.entries()) {
            await recorder.step(`${label}: fill`, () => superuser.collection(name).create({ id: `record${row}`.padEnd(15, "0"), ...record }));
        }
        await recorder.step(label, () => superuser.collections.update(made.id, bodyOf(change, name, made.fields)));
        await recorder.step(`${label}: the collection`, () => superuser.collections.getOne(made.id));
        await afterwards(recorder, superuser, label, made.id);
        await recorder.step(`${label}: delete`, () => superuser.collections.delete(made.id));
    }
}

/** The records as they are now, and whether they can still be read one by one, changed and created. */
async function afterwards(recorder, superuser, label, id) {
    const records = superuser.collection(id);
    await recorder.step(`${label}: the records`, () => records.getFullList({ sort: "id" }));
    await recorder.step(`${label}: one record`, () => records.getOne("record000000000"));
    await recorder.step(`${label}: update nothing`, () => records.update("record000000000", {}));
    await recorder.step(`${label}: create an empty one`, () => records.create({ id: "recordnew000000" }));
}
