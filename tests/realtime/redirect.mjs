// From connecting to the message with the code, with the realtime part of the SDK.

import assert from "node:assert/strict";

import { FAILURE, SUCCESS, arrive, email, newClient, password, soon, url } from "./sdk.mjs";

/** A client that waits for its provider: its id, and what it gets. */
async function waiting(pb) {
    const got = [];
    let tell;
    let next = new Promise((resolve) => (tell = resolve));
    await pb.realtime.subscribe("@oauth2", (message) => {
        got.push(message);
        tell(message);
        next = new Promise((resolve) => (tell = resolve));
    });
    return { got, next: () => next, id: pb.realtime.clientId };
}

const [pb, bystander] = [newClient(), newClient()];
const one = await waiting(pb);
const other = await waiting(bystander);
assert.match(one.id, /^[A-Za-z0-9]{40}$/);
assert.notEqual(one.id, other.id);

// A code goes to the client that the state names, once.
let message = soon(one.next());
const code = "a\"b'<é>\n&";
assert.equal(await arrive({ state: one.id, code }), SUCCESS);
assert.deepEqual(await message, { state: one.id, code });
assert.equal(await arrive({ state: one.id, code }), FAILURE);

// The same by a form, as some providers send it, and an error.
const submit = (topics, headers) =>
    pb.send("/api/realtime", { method: "POST", body: { clientId: one.id, subscriptions: topics }, headers });
await submit(["@oauth2"]);
message = soon(one.next());
const user = JSON.stringify({ name: { firstName: "Ann", lastName: "Lee" } });
assert.equal(await arrive({ state: one.id, code: "2", user }, true), SUCCESS);
assert.deepEqual(await message, { state: one.id, code: "2" });
await submit(["@oauth2"]);
message = soon(one.next());
assert.equal(await arrive({ state: one.id, error: "access_denied" }), FAILURE);
assert.deepEqual(await message, { state: one.id, code: "", error: "access_denied" });

// Nobody is found by a state that is not exactly an id.
for (const state of ["", "x", other.id.slice(1), `${other.id}x`, "'; --", "%00", "<script>"]) {
    assert.equal(await arrive({ state, code: "1" }), FAILURE);
}
assert.deepEqual(other.got, []);

// A client that is somebody's is nobody else's.
const root = newClient();
const { token } = await root.collection("_superusers").authWithPassword(email, password);
await submit(["@oauth2"], { authorization: token });
await assert.rejects(submit([]), { status: 403 });
await submit([], { authorization: token });
assert.equal(await arrive({ state: one.id, code: "3" }), FAILURE);

// What cannot be had is refused.
await assert.rejects(newClient().send("/api/realtime", { method: "POST", body: { clientId: "x" } }), { status: 404 });

// The page at the end is one that a browser shows.
if ((await fetch(`${url}/_/`)).headers.get("content-type")?.startsWith("text/html") !== true) {
    throw new Error("there is no page at /_/");
}

await pb.realtime.unsubscribe();
await bystander.realtime.unsubscribe();
console.log("ok");
