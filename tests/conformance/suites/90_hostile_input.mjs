// What nobody sends by accident: injection in every position, broken encodings, too much of everything. After it, all
// is as it was.

const INJECTIONS = [
    "'", '"', "`", "'; DROP TABLE gen_teams; --", "\" OR 1=1 --", "') OR 1=1 --", "1); DELETE FROM gen_teams; --", "' UNION SELECT password FROM _superusers --", "${7*7}", "{{7*7}}", "[[id]]", "{:id}", "?", "?1", ":p1", "@p1", "$1", "%00", "\u0000", "a\u0000b", "\\", "\\'", "/*", "*/", "../../etc/passwd", "%2e%2e%2f", "😀", "\u202e",
];
const TEAMS = "/api/collections/gen_teams/records";

export async function run({ recorder, superuser, guest }) {
    const teams = superuser.collection("gen_teams");
    const before = await recorder.step("before", () => teams.getFullList({ sort: "id" }));
    for (const [who, client] of [["superuser", superuser], ["guest", guest]]) {
        const records = client.collection("gen_teams");
        for (const text of INJECTIONS) {
            const step = (where, call) => recorder.step(`${who}: ${JSON.stringify(text)} in ${where}`, call);
            const list = (options) => records.getList(1, 3, { sort: "id", fields: "id,name", ...options });
            await step("filter", () => list({ filter: text }));
            await step("a filter's text", () => list({ filter: `name = '${text.replaceAll("'", "\\'")}'` }));
            await step("a filter's path", () => list({ filter: `lead.${text} = 1` }));
            await step("sort", () => list({ sort: text, filter: "id = 'team00000000001'" }));
            await step("expand", () => list({ expand: `lead,${text}` }));
            await step("fields", () => list({ fields: `id,${text}` }));
            await step("an id", () => records.getOne(text));
            await step("a collection's name", () => client.collection(text).getList(1, 1));
            await step("page", () => client.send(`${TEAMS}?sort=id&fields=id&perPage=2&page=${encodeURIComponent(text)}`, {}));
            await step("perPage", () => client.send(`${TEAMS}?sort=id&fields=id&filter=public=true&perPage=${encodeURIComponent(text)}`, {}));
            await step("a value", () => client.collection("gen_teams").update("team00000000001", { name: "steady", secret: text }, { fields: "id,name" }));
            await step("a body's key", () => records.update("team00000000001", { [text]: 1, [`members${text}`]: 1 }, { fields: "id" }));
            await step("a body's id", () => records.create({ id: text, name: "" }));
        }
    }
    const raw = (label, method, path, options = {}) =>
        recorder.raw(label, method, path, { ...options, headers: { Authorization: superuser.authStore.token, "content-type": "application/json", ...options.headers } });
    for (const path of [`${TEAMS}?filter=%ff`, `${TEAMS}?filter=%zz`, `${TEAMS}?filter=%`, `${TEAMS}?filter`, `${TEAMS}?=x`, `${TEAMS}?&&`, `${TEAMS}?filter=id='x'&filter=id!='x'`, `${TEAMS}?filter=name%3D'%ff'`, `${TEAMS}/%ff`, `${TEAMS}/%00`, `${TEAMS}/a%2Fb`, `${TEAMS}/`, `${TEAMS}//`, `/api/collections//records`, `/api/collections/%20/records`, `/api/collections/gen_teams/records/team00000000001/more`, `/API/collections/gen_teams/records`, `//api/collections/gen_teams/records`, `/api/collections/gen_teams/../gen_teams/records?sort=id&perPage=1&fields=id`, `${TEAMS}?sort=id&perPage=1&fields=id#fragment`]) {
        await raw(`path ${path}`, "GET", path);
    }
    for (const method of ["PUT", "HEAD", "OPTIONS", "PATCH", "DELETE", "TRACE_", "PROPFIND"]) await raw(`method ${method}`, method, TEAMS, method === "PATCH" || method === "PUT" ? { body: "{}" } : {});
    await raw("POST to a record", "POST", `${TEAMS}/team00000000001`, { body: "{}" });
    const bodies = {
        "invalid UTF-8": Buffer.from([0x7b, 0x22, 0x6e, 0x61, 0x6d, 0x65, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]), "a byte order mark": '\ufeff{"name":"x"}', "a lone surrogate": '{"name":"\\ud800"}', "deep lists": `{"name":${"[".repeat(5000)}${"]".repeat(5000)}}`, "deep objects": `{"name":${'{"a":'.repeat(12000)}1${"}".repeat(12000)}}`, "a huge number": '{"name":"x","public":1e999}', "a long number": `{"name":${"9".repeat(400)}}`, "an unfinished text": '{"name":"x', "a trailing comma": '{"name":"x",}', "a comment": '{"name":"x"/* */}', "single quotes": "{'name':'x'}", "NaN": '{"name":NaN}', "a control character": '{"name":"a\u0001b"}', "only spaces": "   ", "a number": "12", "a text": '"x"',
        "many keys": JSON.stringify(Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`k${at}`, at]))), "a long text": JSON.stringify({ name: "x".repeat(100_000) }),
    };
    for (const [label, body] of Object.entries(bodies)) {
        await raw(`create: ${label}`, "POST", `${TEAMS}?fields=name`, { body });
        await raw(`update: ${label}`, "PATCH", `${TEAMS}/team00000000001?fields=name`, { body });
    }
    const token = superuser.authStore.token;
    const tokens = {
        "of three letters": "a.b.c", "of a scheme": "Bearer", "of a scheme and a blank": "Bearer ", "of another scheme": "Basic abc", "of blanks": " ".repeat(50), "of one letter": "x".repeat(5000), "and a blank": `${token} `, "cut off": token.slice(0, -3), "in capitals": token.toUpperCase(),
    };
    for (const [label, text] of Object.entries(tokens)) {
        await recorder.raw(`token ${label}`, "GET", "/api/collections/gen_vault/records?perPage=1&fields=id&sort=id", { headers: { Authorization: text } });
    }
    const after = await recorder.step("after", () => teams.getFullList({ sort: "id" }));
    recorder.note("as many teams as before, but for those that were created", after?.length === before?.length);
}
