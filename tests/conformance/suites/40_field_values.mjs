// What each basic field type takes, refuses and gives back, in the collection of the suite before.

const VALID = { title: "ok", must_agree: true };

export async function run({ recorder, superuser }) {
    const types = superuser.collection("conformance_types");
    // What was given back at once must be what is stored.
    const create = async (label, values) => {
        const record = await recorder.step(label, () => types.create(values));
        return record && recorder.step(`${label}, viewed`, () => types.getOne(record.id));
    };

    await create("nothing but what is required", VALID);
    await create("an empty record", {});
    await create("every value", {
        ...VALID,
        code: "ABC",
        score: 1.5,
        count: 3,
        agreed: true,
        extra: { a: [1, "two", null, { b: false }], ü: "ß" },
        due: "2024-02-29 12:34:56.789Z",
        between: "2025-01-01 00:00:00.000Z",
    });

    for (const title of ["a", "ab", "x".repeat(40), "x".repeat(41), "äöüß", "  padded  ", 12, 1.5, true, null, [], {}, ["a"], "a\u0000b", "👩‍🚀👩‍🚀"]) {
        await create(`title ${show(title)}`, { ...VALID, title });
    }
    for (const code of ["ABC", "abc", "ABCD", ""]) await create(`code ${show(code)}`, { ...VALID, code });
    for (const score of [0, -0, 10, 10.01, -10, -11, "7", "7.5", "seven", "", null, true, [], {}, 1e-7]) {
        await create(`score ${show(score)}`, { ...VALID, score });
    }
    for (const count of [1, -1, 1.5, "2", "2.5", 9007199254740991, 1e20, 1e300]) {
        await create(`count ${show(count)}`, { ...VALID, count });
    }
    for (const agreed of [true, false, "true", "false", "1", "0", "yes", 1, 0, 2, "", null, [], {}]) {
        await create(`agreed ${show(agreed)}`, { ...VALID, agreed });
    }
    for (const must_agree of [false, null, ""]) await create(`must_agree ${show(must_agree)}`, { ...VALID, must_agree });
    for (const extra of [null, "", "text", "null", "123", "[1,2]", '{"a":1}', '{"a":', 0, 1.5, 1e21, true, [], {}, [null], { a: { b: {} } }, "true"]) {
        await create(`extra ${show(extra)}`, { ...VALID, extra });
    }
    for (const small of ["x".repeat(10), "x".repeat(30), { a: "x".repeat(30) }]) await create(`small ${show(small)}`, { ...VALID, small });
    const dates = [
        "2024-02-29 12:34:56.789Z",
        "2024-02-29T12:34:56.789Z",
        "2024-02-29T12:34:56+02:00",
        "2024-02-29 12:34:56",
        "2024-02-29 12:34",
        "2024-02-29",
        "2024-02-30",
        "2024-13-01",
        "0001-01-01 00:00:00.000Z",
        "9999-12-31 23:59:59.999Z",
        "Jun 12 1998",
        "29 Feb 2024",
        "tomorrow",
        "",
        null,
        0,
        1709210096,
        1709210096789,
        true,
        [],
        {},
    ];
    for (const due of dates) await create(`due ${show(due)}`, { ...VALID, due });
    for (const between of ["2019-12-31", "2020-01-01", "2029-12-31", "2030-01-01", "never"]) {
        await create(`between ${show(between)}`, { ...VALID, between });
    }

    await create("a chosen id", { ...VALID, id: "chosenchosen123" });
    await create("the same id again", { ...VALID, id: "chosenchosen123" });
    for (const id of ["short", "UPPERCASE123456", "with-dash-12345", "sixteenletters16", "", 123456789012345, null]) {
        await create(`id ${show(id)}`, { ...VALID, id });
    }
    await create("created and updated chosen", { ...VALID, created: "2001-01-01 00:00:00.000Z", updated: "2001-01-01 00:00:00.000Z" });
    await create("collectionId and unknown fields", { ...VALID, collectionId: "other", collectionName: "other", expand: {}, unknown: 1 });

    const path = "/api/collections/conformance_types/records";
    const json = { "content-type": "application/json", Authorization: superuser.authStore.token };
    await recorder.raw("broken JSON", "POST", path, { body: '{"title":', headers: json });
    await recorder.raw("a list for an object", "POST", path, { body: "[]", headers: json });
    await recorder.raw("null for an object", "POST", path, { body: "null", headers: json });
    await recorder.raw("no body", "POST", path, { headers: json });
    await recorder.raw("two documents", "POST", path, { body: '{"title":"one","must_agree":true}{"title":"two"}', headers: json });
    await recorder.raw("one key twice", "POST", path, { body: '{"title":"one","title":"two","must_agree":true}', headers: json });
    await recorder.raw("JSON without its content type", "POST", path, {
        body: JSON.stringify(VALID),
        headers: { Authorization: superuser.authStore.token },
    });
    await recorder.raw("a form", "POST", path, {
        body: "title=formed&must_agree=true&score=3",
        headers: { "content-type": "application/x-www-form-urlencoded", Authorization: superuser.authStore.token },
    });

    const kept = await create("to be updated", { ...VALID, score: 5, extra: { a: 1 }, due: "2024-01-01" });
    const update = (label, values) => recorder.step(label, () => types.update(kept?.id ?? "missing", values));
    await update("update nothing", {});
    await update("update one field", { score: 6 });
    await update("update with too little", { title: "x" });
    await update("update with several faults", { title: "", score: 99, must_agree: false, due: "never" });
    await update("update clears", { score: null, extra: null, due: "" });
    await update("update the id", { id: "otherotherother" });
    await update("add to a number", { "score+": 2 });
    await update("take from a number", { "score-": 1 });
    await recorder.step("after the updates", () => types.getOne(kept?.id ?? "missing"));
}

function show(value) {
    const text = JSON.stringify(value);
    return text.length > 40 ? `${text.slice(0, 30)}… of ${text.length}` : text;
}
