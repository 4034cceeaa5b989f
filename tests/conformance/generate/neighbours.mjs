// Collections that depend on each other: a relation, a back-relation, indexes, rules and views on one that is changed.

const text = (name) => ({ type: "text", name });

/** Definitions in the order in which they can be created; `PREFIX` begins every name. */
const DEFINITIONS = [
    { name: "PREFIX_authors", fields: [text("name"), { type: "number", name: "age" }, { type: "select", name: "kind", values: ["x", "y"], maxSelect: 1 }], indexes: ["CREATE INDEX `idx_PREFIX_name` ON `PREFIX_authors` (`name`)"], listRule: "" },
    { name: "PREFIX_books", fields: [text("title"), { type: "relation", name: "author", collectionId: "ID_OF_PREFIX_authors", maxSelect: 1 }, { type: "relation", name: "readers", collectionId: "ID_OF_PREFIX_authors", maxSelect: 9 }], listRule: "author.name != ''", viewRule: "@collection.PREFIX_authors.age ?> 1", updateRule: "author.PREFIX_books_via_author.title ?!= ''" },
    { name: "PREFIX_ages", type: "view", viewQuery: "SELECT id, age FROM PREFIX_authors", listRule: "" },
    { name: "PREFIX_shelf", type: "view", viewQuery: "SELECT b.id, b.title, a.name, a.age, a.kind, b.author FROM PREFIX_books b LEFT JOIN PREFIX_authors a ON a.id = b.author", listRule: "age > 1", viewRule: "name != ''" },
];

const AUTHORS = [
    { id: "author000000000", name: "Ada", age: 36, kind: "x" },
    { id: "author100000000", name: "Bob", age: 1, kind: "" },
    { id: "author200000000", name: "", age: 0, kind: "y" },
];
const BOOKS = [
    { id: "book00000000000", title: "First", author: AUTHORS[0].id, readers: [AUTHORS[1].id, AUTHORS[0].id] },
    { id: "book10000000000", title: "", author: AUTHORS[2].id, readers: [] },
    { id: "book20000000000", title: "Third", author: "", readers: [AUTHORS[2].id] },
];

const WITHOUT_VIEWS = ["ages", "shelf"];

/**
 * `[collection, change, those to leave out]`: changes of one of them as in changes.mjs, each met by all as they were made.
 * PocketBase leaves a view broken when a field or collection that its query names is renamed, and from then on
 * it refuses to delete any collection; so those are made where there is no view.
 */
export const AROUND = {
    "a field of a relation's rule is renamed": ["authors", { edits: { name: { name: "label" } } }],
    "a field of a relation's rule is removed": ["authors", { edits: { name: null } }],
    "a field of another's rule is renamed": ["authors", { edits: { age: { name: "years" } } }, WITHOUT_VIEWS],
    "a field of a view is removed": ["authors", { edits: { age: null } }],
    "a field of a view becomes multiple": ["authors", { edits: { kind: { maxSelect: 2 } } }],
    "a field of a view becomes hidden": ["authors", { edits: { kind: { hidden: true } } }],
    "a field of a view is added again as another type": ["authors", { edits: { age: null }, add: [{ type: "text", name: "age" }] }],
    "a field that nothing names is added": ["authors", { add: [{ type: "bool", name: "new" }] }],
    "the related collection is renamed": ["authors", { body: { name: "PREFIX_writers" } }, WITHOUT_VIEWS],
    "the relation is renamed": ["books", { edits: { author: { name: "writer" } } }],
    "the relation is removed": ["books", { edits: { author: null } }],
    "the relation becomes multiple": ["books", { edits: { author: { maxSelect: 4 } } }],
    "the relation of many becomes single": ["books", { edits: { readers: { maxSelect: 1 } } }],
    "the relation becomes required and cascades": ["books", { edits: { author: { cascadeDelete: true, required: true } } }],
    "the collection of a back-relation is renamed": ["books", { body: { name: "PREFIX_novels" } }, WITHOUT_VIEWS],
    "the collection of a back-relation is renamed, and the rule with it": ["books", { body: { name: "PREFIX_novels", updateRule: "author.PREFIX_novels_via_author.title ?!= ''" } }, WITHOUT_VIEWS],
    "a field is renamed, and the rules with it": ["books", { edits: { title: { name: "heading" } }, body: { updateRule: "heading != ''" } }, WITHOUT_VIEWS],
    "the view is renamed": ["shelf", { body: { name: "PREFIX_board" } }],
    "the view's query has fewer columns": ["shelf", { body: { viewQuery: "SELECT id, title FROM PREFIX_books" } }],
    "the view's query has fewer columns and its rules too": ["shelf", { body: { viewQuery: "SELECT id, title FROM PREFIX_books", listRule: "title != ''", viewRule: "" } }],
    "the view's query has other types": ["shelf", { body: { viewQuery: "SELECT id, author AS name, readers AS age FROM PREFIX_books" } }],
    "the view's query is wrong": ["shelf", { body: { viewQuery: "SELECT id, nothing FROM PREFIX_books" } }],
    "the view's query is empty": ["shelf", { body: { viewQuery: "" } }],
    "the view reads another view": ["shelf", { body: { viewQuery: "SELECT id, age, age AS name FROM PREFIX_ages" } }],
    "the view reads itself": ["shelf", { body: { viewQuery: "SELECT id, age, name FROM PREFIX_shelf" } }],
    "the view gets fields": ["shelf", { add: [{ type: "text", name: "more" }] }],
    "the view loses a field": ["shelf", { edits: { age: null }, body: { listRule: "" } }],
    "the view gets an index": ["shelf", { body: { indexes: ["CREATE INDEX `idx_PREFIX_v` ON `PREFIX_shelf` (`title`)"] } }],
    "the view gets a create rule": ["shelf", { body: { createRule: "" } }],
    "the view becomes a base collection": ["shelf", { body: { type: "base" } }],
    "the related collection is deleted": ["authors", "delete"],
    "the collection of the view is deleted": ["books", "delete"],
    "the view is deleted": ["shelf", "delete"],
    "the related collection is truncated": ["authors", "truncate"],
    "the collection of the relation is truncated": ["books", "truncate"],
    "the view is truncated": ["shelf", "truncate"],
};

/** Makes the collections but those left out, under this prefix, with their records; `undefined` where one was refused. */
export async function make({ recorder, superuser }, label, prefix, without = []) {
    const made = {};
    for (const template of DEFINITIONS.filter(({ name }) => !without.includes(name.replace("PREFIX_", "")))) {
        let definition = JSON.stringify(template).replaceAll("PREFIX", prefix);
        for (const [name, { id }] of Object.entries(made)) definition = definition.replaceAll(`ID_OF_${prefix}_${name}`, id);
        const collection = await recorder.step(`${label}: create`, () => superuser.collections.create(JSON.parse(definition)));
        if (!collection) return undefined;
        made[collection.name.slice(prefix.length + 1)] = collection;
    }
    for (const [name, records] of [["authors", AUTHORS], ["books", BOOKS]]) {
        for (const record of records) await recorder.step(`${label}: fill`, () => superuser.collection(made[name].id).create(record));
    }
    return made;
}

/** All of them as they are now: definitions, and records as the superuser and as nobody, with what they lead to. */
export async function observe({ recorder, superuser, guest }, label, made) {
    for (const [name, { id }] of Object.entries(made)) {
        await recorder.step(`${label}: the collection ${name}`, () => superuser.collections.getOne(id));
        await recorder.step(`${label}: the records of ${name}`, () => superuser.collection(id).getFullList({ sort: "id", expand: "author,readers,writer" }));
        await recorder.step(`${label}: a guest lists ${name}`, () => guest.collection(id).getFullList({ sort: "id" }));
    }
    await recorder.step(`${label}: a guest views a book`, () => guest.collection(made.books.id).getOne(BOOKS[0].id));
    await recorder.step(`${label}: a guest updates a book`, () => guest.collection(made.books.id).update(BOOKS[0].id, {}));
}

/** Deletes them, the last first, so that none is refused for the others. */
export async function unmake({ recorder, superuser }, label, made) {
    for (const { id } of Object.values(made).reverse()) {
        await recorder.step(`${label}: tidy up`, () => superuser.collections.delete(id));
    }
}
