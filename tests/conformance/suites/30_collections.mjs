// Creating, listing, viewing and deleting collections, and definitions that must be refused.

const field = (type, name, options = {}) => ({ type, name, ...options });

/** A name for each definition that should be refused, so that one that is taken does not spoil the next. */
let definitions = 0;
const refused = () => `conformance_refused_${++definitions}`;

export async function run({ recorder, guest, superuser }) {
    const create = (label, definition) => recorder.step(label, () => superuser.collections.create(definition));

    const everyType = await create("create a collection with every basic field type", {
        name: "conformance_types",
        type: "base",
        fields: [
            field("text", "title", { required: true, min: 2, max: 40 }),
            field("text", "code", { pattern: "^[A-Z]{3}$" }),
            field("number", "score", { min: -10, max: 10 }),
            field("number", "count", { onlyInt: true }),
            field("bool", "agreed"),
            field("bool", "must_agree", { required: true }),
            field("json", "extra"),
            field("json", "small", { maxSize: 20 }),
            field("date", "due"),
            field("date", "between", { min: "2020-01-01 00:00:00.000Z", max: "2029-12-31 00:00:00.000Z" }),
            field("autodate", "created", { onCreate: true }),
            field("autodate", "updated", { onCreate: true, onUpdate: true }),
        ],
    });
    await create("a collection of only a name", { name: "conformance_bare" });
    await recorder.step("view by name", () => superuser.collections.getOne("conformance_types"));
    await recorder.step("view by id", () => superuser.collections.getOne(everyType?.id ?? "conformance_types"));
    await recorder.step("view by name in other case", () => superuser.collections.getOne("Conformance_Types"));
    await recorder.step("view the superusers", () => superuser.collections.getOne("_superusers"));
    await recorder.step("view a collection that is not there", () => superuser.collections.getOne("conformance_none"));
    await recorder.step("list by name", () => superuser.collections.getList(1, 200, { sort: "name" }));
    await recorder.step("list the second page of two", () => superuser.collections.getList(2, 2, { sort: "name" }));
    await recorder.step("list without totals", () => superuser.collections.getList(1, 1, { sort: "-name", skipTotal: true }));

    await recorder.step("guest lists", () => guest.collections.getList());
    await recorder.step("guest views", () => guest.collections.getOne("conformance_types"));
    await recorder.step("guest creates", () => guest.collections.create({ name: "conformance_guest", type: "base" }));
    await recorder.step("guest deletes", () => guest.collections.delete("conformance_types"));

    await create("the same name again", { name: "conformance_types", type: "base" });
    await create("the same name in other case", { name: "CONFORMANCE_TYPES", type: "base" });
    await create("no name", { type: "base" });
    await create("an empty name", { name: "", type: "base" });
    await create("a name with a space", { name: "two words", type: "base" });
    await create("a name with a quote", { name: 'quo"te', type: "base" });
    await create("a name that starts with an underscore", { name: "_hidden", type: "base" });
    await create("a name that starts with a digit", { name: "1st", type: "base" });
    await create("a name with letters beyond ASCII", { name: "größe", type: "base" });
    await create("a name of 255 letters", { name: "n".repeat(255), type: "base" });
    await create("a name of 256 letters", { name: "n".repeat(256), type: "base" });
    await create("a name that SQLite keeps", { name: "sqlite_master", type: "base" });
    await create("an unknown type", { name: refused(), type: "queue" });
    await create("an unknown field type", { name: refused(), fields: [field("colour", "a")] });
    await create("two fields of one name", { name: refused(), fields: [field("text", "a"), field("bool", "a")] });
    await create("two fields of one name in other case", {
        name: refused(),
        fields: [field("text", "a"), field("bool", "A")],
    });
    await create("a field without a name", { name: refused(), fields: [field("text", "")] });
    await create("a field with a space in its name", { name: refused(), fields: [field("text", "a b")] });
    await create("a field that starts with a digit", { name: refused(), fields: [field("text", "1a")] });
    for (const name of ["expand", "collectionId", "collectionName", "null", "rowid", "id", "@a", "true", "_isset"]) {
        await create(`a field named ${name}`, { name: `conformance_named_${name.replace(/\W/g, "")}`, fields: [field("bool", name)] });
    }
    await create("text with min above max", { name: refused(), fields: [field("text", "a", { min: 5, max: 2 })] });
    await create("text with a broken pattern", { name: refused(), fields: [field("text", "a", { pattern: "(" })] });
    await create("text with a negative min", { name: refused(), fields: [field("text", "a", { min: -1 })] });
    await create("number with min above max", { name: refused(), fields: [field("number", "a", { min: 5, max: 2 })] });
    await create("whole number with broken bounds", {
        name: refused(),
        fields: [field("number", "a", { onlyInt: true, min: 1.5 })],
    });
    await create("date with min above max", {
        name: refused(),
        fields: [field("date", "a", { min: "2030-01-01 00:00:00.000Z", max: "2020-01-01 00:00:00.000Z" })],
    });
    await create("autodate that never sets", { name: refused(), fields: [field("autodate", "a")] });
    await create("json with a negative size", { name: refused(), fields: [field("json", "a", { maxSize: -1 })] });
    await create("fields that are no list", { name: refused(), fields: "title" });
    await create("a rule that does not parse", { name: refused(), listRule: "title = " });
    await create("a rule with an unknown field", { name: refused(), listRule: "nothing = 1" });

    const json = { "content-type": "application/json", Authorization: superuser.authStore.token };
    await recorder.raw("broken JSON", "POST", "/api/collections", { body: '{"name":', headers: json });
    await recorder.raw("a list for an object", "POST", "/api/collections", { body: "[1]", headers: json });
    await recorder.raw("no body", "POST", "/api/collections", { headers: json });

    await recorder.step("delete", () => superuser.collections.delete("conformance_bare"));
    await recorder.step("delete again", () => superuser.collections.delete("conformance_bare"));
    await recorder.step("delete the superusers", () => superuser.collections.delete("_superusers"));
    await recorder.step("view the deleted", () => superuser.collections.getOne("conformance_bare"));
    await recorder.step("records of the deleted", () => superuser.collection("conformance_bare").getList());
    await create("create the deleted again", { name: "conformance_bare" });
}
