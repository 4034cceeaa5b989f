// Unique indexes, and relations to what is there, is not, or may not be seen.

import { actors } from "../generate/actors.mjs";
import { recordId } from "../generate/records.mjs";

const DEFINITION = {
    name: "gen_unique",
    fields: [
        { type: "text", name: "slug" },
        { type: "email", name: "email" },
        { type: "number", name: "first" },
        { type: "number", name: "second" },
        { type: "relation", name: "team", collectionId: "gen_teams000000", maxSelect: 1 },
        { type: "relation", name: "vault", collectionId: "gen_vault000000", maxSelect: 2 },
    ],
    indexes: [
        "CREATE UNIQUE INDEX `idx_gen_unique_slug` ON `gen_unique` (`slug` COLLATE NOCASE) WHERE `slug` != ''",
        "CREATE UNIQUE INDEX `idx_gen_unique_email` ON `gen_unique` (`email`) WHERE `email` != ''",
        "CREATE UNIQUE INDEX `idx_gen_unique_pair` ON `gen_unique` (`first`, `second`)",
    ],
    listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "",
};

export async function run(session) {
    const { recorder, superuser } = session;
    await recorder.step("create the collection", () => superuser.collections.create(DEFINITION));
    const records = superuser.collection(DEFINITION.name);
    const create = (body) => recorder.step(`create ${JSON.stringify(body)}`, () => records.create(body));
    const first = await create({ slug: "one", email: "a@example.com", first: 1, second: 1 });
    const second = await create({ slug: "two", email: "b@example.com", first: 1, second: 2 });
    for (const body of [
        { slug: "one", first: 9 }, { slug: "ONE", first: 9 }, { email: "a@example.com", first: 9, second: 1 }, { slug: "three", first: 1, second: 1 }, { slug: "one", email: "a@example.com", first: 1, second: 1 }, { slug: "", first: 3 },
        { slug: "", first: 4 }, { id: "uniqueunique001", first: 5 }, { id: "uniqueunique001", first: 6 }, { id: "UNIQUEUNIQUE001", first: 7 }, { first: 1, second: 2 }, {},
    ]) await create(body);
    for (const body of [{ slug: "one" }, { slug: "two" }, { slug: "TWO" }, { email: "a@example.com" }, { second: 1 }, { first: 1, second: 1, slug: "new" }]) {
        await recorder.step(`update ${JSON.stringify(body)}`, () => records.update(second?.id ?? "missing", body));
    }
    await recorder.step("delete the first", () => records.delete(first?.id ?? "missing"));
    await create({ slug: "one", first: 8 });

    for (const { name, client } of await actors(session)) {
        for (const [at, body] of [{ team: recordId("teams", 0) }, { team: recordId("teams", 3) }, { team: "missing" }, { vault: [recordId("vault", 1)] }, { vault: [recordId("vault", 1), "missing"] }, { vault: [1, 2, 3].map((n) => recordId("vault", n)) }].entries()) {
            await recorder.step(`${name} relates ${JSON.stringify(body)}`, () =>
                client.collection(DEFINITION.name).create({ ...body, first: 100 + at, second: name.length * 100 + Number(name.at(-1)) || 0 }, { expand: "team,vault" }),
            );
        }
    }
}
