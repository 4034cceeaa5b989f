// A collection with every field type under many options, and the values that are tried on each field.

import { recordId } from "./records.mjs";

export const TYPED = {
    id: "gen_typed000000",
    name: "gen_typed",
    fields: [
        { type: "text", name: "text" },
        { type: "text", name: "text_bound", min: 3, max: 6 },
        { type: "text", name: "text_pattern", pattern: "^[a-z]+-\\d{2}$" },
        // Its pattern has one text only, so that what is generated is equal too.
        { type: "text", name: "text_auto", autogeneratePattern: "[x]{3}-[1]{4}", pattern: "^[a-z]{3}-\\d{4}$" },
        { type: "number", name: "number" },
        { type: "number", name: "number_bound", min: -5, max: 5.5 },
        { type: "number", name: "number_whole", onlyInt: true, min: 0 },
        { type: "bool", name: "bool" },
        { type: "email", name: "email" },
        { type: "email", name: "email_only", onlyDomains: ["example.com", "example.org"] },
        { type: "email", name: "email_except", exceptDomains: ["example.com"] },
        { type: "url", name: "url" },
        { type: "url", name: "url_only", onlyDomains: ["example.com"] },
        { type: "url", name: "url_except", exceptDomains: ["example.com"] },
        { type: "editor", name: "editor" },
        { type: "editor", name: "editor_small", maxSize: 12 },
        { type: "date", name: "date" },
        { type: "date", name: "date_bound", min: "2020-01-01 00:00:00.000Z", max: "2030-01-01 00:00:00.000Z" },
        { type: "select", name: "select", values: ["a", "b", "c"], maxSelect: 1 },
        { type: "select", name: "selects", values: ["a", "b", "c", "1", "true"], maxSelect: 3 },
        { type: "json", name: "json" },
        { type: "json", name: "json_small", maxSize: 12 },
        { type: "geoPoint", name: "point" },
        { type: "relation", name: "one", collectionId: "gen_teams000000", maxSelect: 1 },
        { type: "relation", name: "some", collectionId: "gen_teams000000", maxSelect: 3, minSelect: 0 },
        { type: "relation", name: "pair", collectionId: "gen_teams000000", minSelect: 2, maxSelect: 3 },
        { type: "file", name: "file", maxSelect: 1 },
        { type: "file", name: "files", maxSelect: 3 },
        { type: "password", name: "secret", min: 4, max: 10, pattern: "^[a-z0-9]*$" },
        { type: "autodate", name: "created", onCreate: true },
        { type: "autodate", name: "updated", onCreate: true, onUpdate: true },
    ],
};

/** The same types, each required, with a value that satisfies it. */
export const REQUIRED = {
    text: ["x", {}],
    number: [1, {}],
    bool: [true, {}],
    email: ["a@example.com", {}],
    url: ["https://example.com", {}],
    editor: ["<p>x</p>", {}],
    date: ["2024-01-01 00:00:00.000Z", {}],
    select: ["a", { values: ["a", "b"], maxSelect: 1 }],
    json: [{ a: 1 }, {}],
    geoPoint: [{ lon: 1, lat: 2 }, {}],
    relation: [recordId("teams", 1), { collectionId: "gen_teams000000", maxSelect: 1 }],
    password: ["12345678", {}],
};

const COMMON = [null, "", " ", "a", "b", "12", "-3.5", "true", "abc-12", "abc-1234", 0, 1, -1, 2.5, 7, 1e10, true, false, [], {}, ["a"], ["a", "b"], ["a", "a", "b"], ["a", "b", "c", "1"], [1, true], [""], [null], { a: 1 }, [[]], "[]", "{}", '["a","b"]', '{"a":1}', "null"];
const TEAM = [0, 1, 2, 3].map((at) => recordId("teams", at));
const BY_TYPE = {
    text: ["ab", "abc", "abcdef", "abcdefg", "äöü", "日本語文字", "👩‍🚀", "abc-12\n", "  abc", "a\u0000b", "x".repeat(5000), "x".repeat(5001)],
    number: ["1e3", "0x10", " 1 ", "1,5", "NaN", "Infinity", 5.5, 5.51, -5, -5.0001, 1e308, 9007199254740993, "9007199254740993", 1e-9, "5.5", "٣", "1_000"],
    bool: ["1", "0", "t", "f", "T", "TRUE", "True", "yes", "on", 2, "2", "false"],
    email: ["a@example.com", "a@EXAMPLE.com", "A@example.org", "a@sub.example.com", "a@b", "a@b.c", "a b@example.com", "a@example", "@example.com", "a@", "ü@example.net", "a@ü.example", '"a b"@example.net', "a+b@example.net", "<a@example.com>", "x".repeat(65) + "@example.net", `a@${"x".repeat(250)}.com`, " a@example.com "],
    url: ["https://example.com", "http://EXAMPLE.com/a", "https://sub.example.com", "example.com", "//example.com", "ftp://example.net", "mailto:a@example.com", "https://", "https://exa mple.net", "javascript:alert(1)", "https://example.net:8080/a?b#c", "http://localhost", "http://127.0.0.1:80", "https://ü.example", "http://[::1]/", "https://user:pw@example.net", "HTTPS://example.net", "https://example.net/" + "x".repeat(3000), "/relative", "data:text/plain,x"],
    editor: ["<p>ok</p>", "<script>alert(1)</script>", "123456789012", "1234567890123", "ääääää", "äääääää", "<p></p>", "<p><br></p>"],
    date: ["2024-05-06", "2024-05-06 07:08:09", "2024-05-06T07:08:09.123456Z", "2024-05-06 07:08:09.1Z", "2024-05-06 07:08:09+02:00", "2024-05-06 07:08:09.000Z ", "06.05.2024", "5/6/2024", "May 6, 2024", "6 May 2024", "Mon, 06 May 2024 07:08:09 GMT", "Mon May  6 07:08:09 2024", "20240506", "1714979289", 1714979289, "2024-W19", "2024-05", "2024", "2019-12-31 23:59:59.999Z", "2020-01-01", "2030-01-01 00:00:00.001Z", "2024-02-30", "2024-05-06 25:00:00", "0000-00-00", "-0001-01-01", "99999-01-01", "2024-05-06 24:00:00"],
    select: ["c", "d", "A", "a,b", ["b", "a"], ["d"], ["a", "d"], ["c", "b", "a"], ["a", ""], '["c","a"]', { 0: "a" }, [["a"]]],
    json: ["text", '"quoted"', "[1, 2]", "{bad", '{"a":1,"a":2}', "x".repeat(12), { a: { b: [1, { c: null }] } }, [1, "2", false], 1e21, 1.0, "1.0", '{"z":1,"a":2}', { z: 1, a: 2 }, "  [1]  ", { é: "ß" }, "-0", "01"],
    geoPoint: [{ lon: 1, lat: 2 }, { lon: "1", lat: "2" }, { lon: 1 }, { lat: 2 }, { lon: 180, lat: 90 }, { lon: 180.1, lat: 0 }, { lon: 0, lat: -90.1 }, { lon: -180, lat: -90 }, { lon: null, lat: null }, { lon: "x", lat: "y" }, { lon: 1, lat: 2, alt: 3 }, [1, 2], '{"lon":3,"lat":4}', "1,2", { LON: 1, LAT: 2 }, { lon: 13.123456789012345, lat: 52.1 }, { lon: true, lat: false }, { lon: [1], lat: {} }],
    relation: [TEAM[0], [TEAM[0]], TEAM.slice(0, 2), TEAM.slice(0, 3), TEAM, [TEAM[1], TEAM[0], TEAM[1]], "missing00000000", [TEAM[0], "missing00000000"], ["missing00000000", "missing00000001"], JSON.stringify(TEAM.slice(0, 2)), [TEAM[0], ""], { id: TEAM[0] }, [{ id: TEAM[0] }], recordId("members", 0), TEAM[0].toUpperCase(), `${TEAM[0]} `],
    file: ["photo.png", ["photo.png"], ["a.txt", "b.txt"], "../a.txt", [""]],
    password: ["abcd", "abc", "abcdefghij", "abcdefghijk", "ABCD", "ääää", "x".repeat(72), "x".repeat(100)],
    autodate: ["2001-01-01 00:00:00.000Z", "x"],
};

/** Everything to try on a field. */
export const valuesFor = (type) => [...COMMON, ...BY_TYPE[type]];
