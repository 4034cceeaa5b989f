// Makes the collections of ../generate/schema.mjs and fills them; every suite from 61 to 79 works on them.

import { COLLECTIONS } from "../generate/schema.mjs";
import { records } from "../generate/records.mjs";

export async function run({ recorder, superuser, random }) {
    for (const { later = [], ...definition } of COLLECTIONS) {
        const { name } = definition;
        const made = await recorder.step(`create ${name}`, () => superuser.collections.create(definition));
        const fields = [...(made?.fields ?? []), ...later];
        await recorder.step(`add fields to ${name}`, () => superuser.collections.update(name, { fields }));
        await recorder.step(`view ${name}`, () => superuser.collections.getOne(name));
    }
    for (const [collection, made] of records(random)) {
        for (const record of made) {
            await recorder.step(`fill ${collection}`, () => superuser.collection(collection).create(record));
        }
        await recorder.step(`all of ${collection}`, () => superuser.collection(collection).getFullList({ sort: "id" }));
    }
}
