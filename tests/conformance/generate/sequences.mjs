// Random changes of a collection, one after the other, drawn from a seed: each is made from the fields that are there.

const VALUES = {
    text: ["", "a", "b c", "12", "[\"a\"]", "ümläut"],
    number: [0, 1, -2.5, 1e6],
    bool: [true, false],
    email: ["", "a@example.com"],
    url: ["", "https://example.com/a"],
    editor: ["", "<p>x</p>"],
    date: ["", "2024-05-06 07:08:09.100Z"],
    json: [null, { a: [1] }, [1, "2"], "text", 5],
    geoPoint: [{ lon: 0, lat: 0 }, { lon: 13.4, lat: 52.5 }],
};
const NAMES = ["alpha", "beta", "gamma", "delta", "Alpha", "omega"];
const CHOICES = ["p", "q", "r", "s"];
const RULES = ["listRule", "viewRule", "createRule", "updateRule", "deleteRule"];

const named = (fields, name) => fields.some((field) => field.name === name);
const own = (fields) => fields.filter((field) => !field.system);
/** Those that no index names: where one does, Backspin lets the index follow the new name and PocketBase refuses it. */
const unindexed = ({ fields, indexes }) => own(fields).filter(({ name }) => !indexes.some((index) => index.includes(`\`${name}\``)));
const replaced = (fields, at, edit) => fields.map((field) => (field === at ? { ...field, ...edit } : field));

/** A new field of any type, perhaps of a name that is taken. */
function anyField(draw, relatedId) {
    const type = draw.pick([...Object.keys(VALUES), "select", "relation"]);
    const name = draw.pick(NAMES);
    if (type === "select") return { type, name, values: draw.some(CHOICES, draw.between(1, 4)), maxSelect: draw.between(0, 3) };
    if (type === "relation") return { type, name, collectionId: relatedId, maxSelect: draw.between(0, 3) };
    return { type, name, ...(draw.chance(0.1) && { required: true }), ...(draw.chance(0.1) && { hidden: true }) };
}

/** The kinds of change: each gives `[what it does, the body of the PATCH]`, or `undefined` where it does not apply. */
const KINDS = {
    add: (draw, { fields }, relatedId) => {
        const field = anyField(draw, relatedId);
        return [`add ${field.type} ${field.name}`, { fields: [...fields, field] }];
    },
    remove: (draw, { fields }) => {
        const field = draw.pick(own(fields));
        return field && [`remove ${field.name}`, { fields: fields.filter((other) => other !== field) }];
    },
    rename: (draw, { fields, indexes }) => {
        const field = draw.pick(unindexed({ fields, indexes }));
        const name = draw.pick(NAMES);
        return field && [`rename ${field.name} to ${name}`, { fields: replaced(fields, field, { name }) }];
    },
    swap: (draw, { fields, indexes }) => {
        const [one, other] = draw.some(unindexed({ fields, indexes }), 2);
        return other && [`swap ${one.name} and ${other.name}`, { fields: replaced(replaced(fields, one, { name: other.name }), other, { name: one.name }) }];
    },
    several: (draw, { fields }) => {
        const field = draw.pick(own(fields).filter(({ type }) => type === "select" || type === "relation"));
        const maxSelect = draw.between(0, 3);
        return field && [`${field.name} takes ${maxSelect}`, { fields: replaced(fields, field, { maxSelect }) }];
    },
    choices: (draw, { fields }) => {
        const field = draw.pick(own(fields).filter(({ type }) => type === "select"));
        const values = draw.some(CHOICES, draw.between(1, 4));
        return field && [`${field.name} is one of ${values}`, { fields: replaced(fields, field, { values, maxSelect: Math.min(field.maxSelect, values.length) }) }];
    },
    require: (draw, { fields }) => {
        const field = draw.pick(own(fields));
        return field && [`${field.name} required: ${!field.required}`, { fields: replaced(fields, field, { required: !field.required }) }];
    },
    renew: (draw, { fields }, relatedId) => {
        const field = draw.pick(own(fields));
        if (!field) return undefined;
        const next = { ...anyField(draw, relatedId), name: field.name };
        // One of the same name and type keeps its id and values in Backspin, so all that follows would differ.
        if (next.type === field.type) return undefined;
        return [`${field.name} anew as ${next.type}`, { fields: [...fields.filter((other) => other !== field), next] }];
    },
    reorder: (draw, { fields }) => ["another order", { fields: draw.shuffled(fields) }],
    index: (draw, { name, fields, indexes }) => {
        const indexed = draw.some(fields, draw.between(1, 2));
        const columns = indexed.map((field) => `\`${field.name}\``).join(", ");
        // PocketBase refuses to drop a unique index with the column id again.
        const unique = draw.chance(0.3) && indexed.every(({ name }) => name !== "id") ? "UNIQUE " : "";
        return [`${unique}index on ${columns}`, { indexes: [...indexes, `CREATE ${unique}INDEX \`idx_${name}_${draw.below(4)}\` ON \`${name}\` (${columns})`] }];
    },
    unindex: (draw, { indexes }) => ["no indexes", { indexes: draw.some(indexes, indexes.length - 1) }],
    rule: (draw, { fields }) => {
        const rule = draw.pick(RULES);
        const value = draw.pick([null, "", `${draw.pick(fields).name} != ''`, `${draw.pick(NAMES)} = '1'`]);
        return [`${rule} ${JSON.stringify(value)}`, { [rule]: value }];
    },
    retitle: (draw, { name }) => {
        const next = `${name.slice(0, 8)}_${draw.pick(NAMES)}`;
        return [`call it ${next}`, { name: next }];
    },
};

const isSeveral = ({ maxSelect }) => maxSelect > 1;

/** Whether a rule that stays names a field whose name is another's by then, or that is of another type: Backspin refuses that, so that all that follows would differ. */
function isUnseenByRule(collection, body) {
    return RULES.some((rule) => {
        const before = collection[rule] && (body[rule] === undefined || body[rule] === collection[rule]) && collection.fields.find(({ name }) => collection[rule].startsWith(`${name} `));
        const after = before && (body.fields ?? collection.fields).find(({ name }) => name === before.name);
        return after && (after.id !== before.id || after.type !== before.type || isSeveral(after) !== isSeveral(before));
    });
}

/** One change of `collection`, or two in one body: `[what it does, the body]`. */
export function anyChange(draw, collection, relatedId) {
    const change = drawnChange(draw, collection, relatedId);
    return isUnseenByRule(collection, change[1]) ? anyChange(draw, collection, relatedId) : change;
}

function drawnChange(draw, collection, relatedId) {
    const kind = draw.weighted([[4, "add"], [3, "remove"], [3, "rename"], [1, "swap"], [3, "several"], [2, "choices"], [1, "require"], [2, "renew"], [1, "reorder"], [2, "index"], [1, "unindex"], [2, "rule"], [1, "retitle"]]);
    const first = KINDS[kind](draw, collection, relatedId) ?? KINDS.add(draw, collection, relatedId);
    if (draw.chance(0.7)) return first;
    const second = drawnChange(draw, { ...collection, ...first[1] }, relatedId);
    return [`${first[0]}; ${second[0]}`, { ...first[1], ...second[1] }];
}

/** A record with a right value in each of the fields, or in most. */
export function anyRecord(draw, id, fields, relatedIds, share = 0.85) {
    const value = ({ type, values, maxSelect }) => {
        const choices = type === "select" ? values : relatedIds;
        if (type !== "select" && type !== "relation") return draw.pick(VALUES[type]);
        return maxSelect > 1 ? draw.some(choices, draw.below(maxSelect + 1)) : draw.pick(["", ...choices]);
    };
    const filled = own(fields).filter(() => draw.chance(share));
    return { id, ...Object.fromEntries(filled.map((field) => [field.name, value(field)])) };
}

/** The fields with which a sequence begins. */
export const firstFields = (draw, relatedId) => {
    const fields = draw.many(5, () => anyField(draw, relatedId));
    return fields.filter((field, at) => !named(fields.slice(0, at).map(lower), field.name.toLowerCase())).map((field) => ({ ...field, required: false, ...(field.type === "select" && { maxSelect: Math.min(field.maxSelect, field.values.length) }) }));
};
const lower = (field) => ({ ...field, name: field.name.toLowerCase() });
