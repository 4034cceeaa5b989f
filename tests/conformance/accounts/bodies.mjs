// Bodies that an account flow must refuse, or read as it reads the empty ones.

const json = { "content-type": "application/json" };

/** `[[label, options of fetch]]` for an endpoint with these text fields; `good` are values with which nothing is wrong with the others. */
export function wrongBodies(fields, good) {
    const bodies = [["no body", {}], ["an empty body", { body: "", headers: json }]];
    for (const text of ["{}", "{", "[]", '"text"', "1", "\u0000", '{"a":1}']) {
        bodies.push([`body ${JSON.stringify(text)}`, { body: text, headers: json }]);
    }
    for (const field of fields) {
        const values = [null, "", " ", 1, true, ["a"], { a: 1 }, "x", "x".repeat(255), "x".repeat(256), "x".repeat(300), "é".repeat(200), "x".repeat(100_000), "a\u0000b"];
        for (const value of values) {
            const text = JSON.stringify({ ...good, [field]: value });
            const shown = JSON.stringify(value);
            bodies.push([`${field} is ${shown.length > 30 ? `${shown.slice(0, 10)}… of ${shown.length}` : shown}`, { body: text, headers: json }]);
        }
        const { [field]: _, ...rest } = good;
        bodies.push([`without ${field}`, { body: JSON.stringify(rest), headers: json }]);
    }
    bodies.push(["a form", { body: new URLSearchParams(good) }]);
    const form = new FormData();
    for (const [name, value] of Object.entries(good)) form.append(name, value);
    bodies.push(["a form of parts", { body: form }]);
    bodies.push(["text as JSON", { body: JSON.stringify(good), headers: { "content-type": "text/plain" } }]);
    bodies.push(["no type of content", { body: new TextEncoder().encode(JSON.stringify(good)) }]);
    return bodies;
}
