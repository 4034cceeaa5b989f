// `POST /api/batch`: several writes in one transaction.

import { actors } from "../generate/actors.mjs";

const TEAMS = "/api/collections/gen_teams/records";
const COMMENTS = "/api/collections/gen_comments/records";
const post = (body, url = TEAMS, rest = {}) => ({ method: "POST", url, body, ...rest });
const id = (at) => `batc${String(at).padStart(11, "0")}`;

export async function run(session) {
    const { recorder, superuser } = session;
    const send = (label, requests, options = {}, client = superuser) =>
        recorder.step(label, () => client.send("/api/batch", { method: "POST", body: { requests }, ...options }));
    const stored = () => recorder.step("stored", () => superuser.collection("gen_teams").getFullList({ filter: "id ~ 'batc%'", sort: "id", fields: "id,name,public,members" }));

    await send("one create", [post({ id: id(1), name: "one" })]);
    await send("create, update, upsert, delete", [
        post({ id: id(2), name: "two" }),
        { method: "PATCH", url: `${TEAMS}/${id(2)}`, body: { public: true } },
        { method: "PUT", url: TEAMS, body: { id: id(2), name: "put" } },
        { method: "PUT", url: TEAMS, body: { id: id(3), name: "put new" } },
        { method: "DELETE", url: `${TEAMS}/${id(3)}` },
    ]);
    const made = await send("an upsert without an id", [{ method: "PUT", url: TEAMS, body: { name: "no id" } }]);
    await recorder.step("it is deleted", () => superuser.collection("gen_teams").delete(made?.[0].body.id ?? "missing"));
    await send("an upsert with an id in the path", [{ method: "PUT", url: `${TEAMS}/${id(2)}`, body: { name: "x" } }]);
    await send("the second refers to the first", [post({ id: id(4), name: "four" }), post({ id: "batchproject001", title: "related", team: id(4) }, "/api/collections/gen_projects/records?expand=team&fields=id,expand.team.name")]);
    await send("expand and fields", [post({ id: id(5), name: "five", lead: "memb00000000001" }, `${TEAMS}?expand=lead&fields=name,expand.lead.name`)]);
    await stored();

    await send("the third of five fails", [post({ id: id(11), name: "a" }), post({ id: id(12), name: "b" }), post({ id: id(13), name: "" }), post({ id: id(14), name: "d" }), post({ id: id(15), name: "e" })]);
    await send("a missing record", [post({ id: id(16), name: "a" }), { method: "PATCH", url: `${TEAMS}/missing00000000`, body: { name: "x" } }]);
    await send("a missing record to delete", [{ method: "DELETE", url: `${TEAMS}/missing00000000` }]);
    await send("a missing collection", [post({ name: "a" }, "/api/collections/gen_nothing/records")]);
    await send("the same id twice", [post({ id: id(17), name: "a" }), post({ id: id(17), name: "b" })]);
    await send("delete, then create again", [{ method: "DELETE", url: `${TEAMS}/${id(1)}` }, post({ id: id(1), name: "again" })]);
    await send("a required reference", [{ method: "DELETE", url: `${TEAMS}/team00000000001` }]);
    await stored();

    for (const [label, request] of Object.entries({
        "GET": { method: "GET", url: `${TEAMS}/${id(1)}` }, "a lower-case method": { method: "post", url: TEAMS, body: { name: "x" } }, "no method": { url: TEAMS, body: { name: "x" } }, "an unknown method": { method: "MOVE", url: TEAMS }, "no url": { method: "POST", body: {} }, "an empty url": { method: "POST", url: "", body: {} },
        "another endpoint": { method: "POST", url: "/api/collections", body: { name: "gen_batch" } }, "sign-in": { method: "POST", url: "/api/collections/gen_members/auth-with-password", body: {} }, "batch in batch": { method: "POST", url: "/api/batch", body: { requests: [] } }, "a whole URL": post({ id: id(20), name: "x" }, `http://example.com${TEAMS}`),
        "a url without a slash": post({ id: id(21), name: "x" }, TEAMS.slice(1)), "a slash at the end": post({ id: id(22), name: "x" }, `${TEAMS}/`), "two slashes": post({ id: id(23), name: "x" }, TEAMS.replace("/api", "//api")), "no body": { method: "POST", url: TEAMS }, "a body of null": post(null), "a body that is a list": post([]), "a body that is a text": post("x"),
        "headers": post({ id: id(24), name: "x" }, TEAMS, { headers: { "X-Other": "1" } }), "an empty token": post({ id: id(25), name: "x" }, TEAMS, { headers: { Authorization: "" } }), "another's token": post({ text: "x", task: "task00000000000" }, COMMENTS, { headers: { Authorization: "garbage" } }), "more keys": post({ id: id(26), name: "x" }, TEAMS, { extra: true }), "a percent in the url": post({ id: id(27), name: "" }, "/api/collections/gen%5Fteams/records"), "the collection's id": post({ id: id(28), name: "x" }, "/api/collections/gen_teams000000/records"),
    })) await send(label, [request]);
    await send("none", []);
    await send("fifty", Array.from({ length: 50 }, (_, at) => post({ id: id(100 + at), name: `many ${at}` })));
    await send("fifty-one", Array.from({ length: 51 }, (_, at) => post({ id: id(200 + at), name: `many ${at}` })));
    await recorder.step("no requests", () => superuser.send("/api/batch", { method: "POST", body: {} }));
    await recorder.step("requests that are no list", () => superuser.send("/api/batch", { method: "POST", body: { requests: "x" } }));
    await recorder.step("a list for an object", () => superuser.send("/api/batch", { method: "POST", body: [] }));
    await recorder.step("requests that are no objects", () => superuser.send("/api/batch", { method: "POST", body: { requests: [1, null] } }));
    await recorder.step("GET", () => superuser.send("/api/batch", {}));
    await stored();
    await asOthers(session, send);
    await asForms(session);
    await stored();
}

async function asOthers(session, send) {
    for (const { name, client } of (await actors(session)).slice(0, 3)) {
        const author = client.authStore.record?.id ?? "";
        const by = (text, extra = {}) => post({ text, task: "task00000000000", author, ...extra }, COMMENTS);
        await send(`${name} comments twice`, [by("one"), by("two")], {}, client);
        await send(`${name} comments for another`, [by("mine"), by("not mine", { author: "memb00000000011" })], {}, client);
        await send(`${name} writes to the vault`, [post({ label: "x" }, "/api/collections/gen_vault/records")], {}, client);
        await send(`${name} updates another's comment`, [{ method: "PATCH", url: `${COMMENTS}/comm00000000002`, body: { text: "changed" } }], {}, client);
    }
}

/** As the SDK sends a batch with files: the requests in `@jsonPayload`, the files beside it. */
async function asForms({ recorder, superuser }) {
    const send = (label, pairs) => {
        const body = new FormData();
        for (const [name, value] of pairs) body.append(name, value);
        return recorder.raw(label, "POST", "/api/batch", { headers: { Authorization: superuser.authStore.token }, body });
    };
    const payload = (...requests) => ["@jsonPayload", JSON.stringify({ requests })];
    await send("a form", [payload(post({ id: id(301), name: "form" }))]);
    await send("a form with a value beside", [payload(post({ id: id(302) })), ["requests.0.name", "beside"]]);
    await send("a form with a value in brackets", [payload(post({ id: id(303) })), ["requests[0].name", "beside"]]);
    await send("a form for a request that is not there", [payload(post({ id: id(304), name: "x" })), ["requests.5.name", "beside"]]);
    await send("a form without a payload", [["requests.0.name", "x"]]);
    await send("a form with a broken payload", [["@jsonPayload", "{"]]);
}
