// Random changes of a collection, one after the other, with records in place all along.

import { anyChange, anyRecord, firstFields } from "../generate/sequences.mjs";
import { TARGET, targetIds } from "../generate/changes.mjs";

const SEQUENCES = 60;
const CHANGES = 8;
const RECORDS = 4;

export async function run({ recorder, superuser, random }) {
    // There already where all suites run.
    await recorder.step("the related collection", () => superuser.collections.getOne(TARGET.name));
    for (let sequence = 0; sequence < SEQUENCES; sequence++) {
        const draw = random.for(`sequence ${sequence}`);
        const step = (label, call) => recorder.step(`${sequence}: ${label}`, call);
        let collection = await step("create", () => superuser.collections.create({ name: `seq_${String(sequence).padStart(3, "0")}`, fields: firstFields(draw, TARGET.id) }));
        if (!collection) continue;
        const { id } = collection;
        const records = superuser.collection(id);
        for (let at = 0; at < RECORDS; at++) {
            const record = anyRecord(draw, recordId(sequence, at), collection.fields, targetIds);
            await step("fill", () => records.create(record));
        }
        for (let turn = 0; turn < CHANGES; turn++) {
            const [label, body] = anyChange(draw, collection, TARGET.id);
            collection = (await step(`${turn} ${label}`, () => superuser.collections.update(id, body))) ?? collection;
            await step(`${turn} the records`, () => records.getFullList({ sort: "id" }));
            const record = anyRecord(draw, recordId(sequence, RECORDS + turn), collection.fields, targetIds);
            await step(`${turn} one more`, () => records.create(record));
            const { id: _, ...change } = anyRecord(draw, "", collection.fields, targetIds, 1);
            await step(`${turn} one changed`, () => records.update(recordId(sequence, turn % RECORDS), change));
        }
        await step("the collection", () => superuser.collections.getOne(id));
        await step("delete", () => superuser.collections.delete(id));
    }
}

const recordId = (sequence, at) => `seq${sequence}record${at}`.padEnd(15, "0").slice(0, 15);
