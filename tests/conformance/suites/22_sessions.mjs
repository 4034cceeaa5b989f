// Staying signed in, being somebody else, and what ends a session. Uses the collections of the suite before.

const PASSWORD = "correct horse";
const json = { "content-type": "application/json" };

export async function run(session) {
    await refreshes(session);
    await impersonations(session);
    await endings(session);
}

async function signedIn({ recorder, newClient }, collection, identity) {
    const client = newClient();
    await recorder.step(`${identity} signs in`, () => client.collection(collection).authWithPassword(identity, PASSWORD));
    return client;
}

async function refreshes(session) {
    const { recorder, newClient, superuser } = session;
    const refresh = (label, client, collection, options) =>
        recorder.step(`${label} refreshes in ${collection} ${JSON.stringify(options ?? {})}`, () => client.collection(collection).authRefresh(options));
    const bob = await signedIn(session, "acplain", "bob");
    const alice = await signedIn(session, "acplain", "alice");
    await refresh("bob", bob, "acplain");
    await refresh("bob again", bob, "acplain");
    await refresh("alice", alice, "acplain", { expand: "friend" });
    await refresh("alice", alice, "acplain", { expand: "friend", fields: "record.expand.friend.name,record.email" });
    await refresh("alice", alice, "acplain", { fields: "token" });

    const garbage = newClient();
    garbage.authStore.save("garbage", null);
    const root = newClient();
    root.authStore.save(superuser.authStore.token, superuser.authStore.record);
    const actors = { guest: newClient(), garbage, bob: await signedIn(session, "acplain", "bob"), superuser: root };
    for (const [name, client] of Object.entries(actors)) {
        const { token, record } = client.authStore;
        for (const collection of ["acruled", "users", "_mfas", "nowhere", "_superusers"]) {
            await refresh(name, client, collection);
            // The SDK forgets a token that was refused.
            client.authStore.save(token, record);
        }
    }
    const token = actors.bob.authStore.token;
    const path = "/api/collections/acplain/auth-refresh";
    await recorder.raw("broken JSON", "POST", path, { body: "{", headers: { ...json, Authorization: token } });
    await recorder.raw("broken JSON of a guest", "POST", path, { body: "{", headers: json });
    await recorder.raw("by GET", "GET", path, { headers: { Authorization: token } });
    await recorder.raw("by PATCH", "PATCH", path, { headers: { Authorization: token } });

    const verified = await signedIn(session, "acruled", "bob");
    await refresh("a verified member", verified, "acruled");
    await recorder.step("no longer verified", () => superuser.collection("acruled").update("acruledbob00000", { verified: false }));
    await refresh("an unverified member", verified, "acruled");
    const code = await recorder.step("signs in with a code", () =>
        newClient().collection("acbody").authWithPassword("bob@acbody.co", PASSWORD, { query: { code: "x" } }),
    );
    const coded = newClient();
    coded.authStore.save(code?.token ?? "", code?.record ?? null);
    await refresh("without the code", coded, "acbody");
    coded.authStore.save(code?.token ?? "", code?.record ?? null);
    await refresh("with the code", coded, "acbody", { body: { code: "x" } });
}

async function impersonations(session) {
    const { recorder, newClient, guest, superuser } = session;
    const bob = await signedIn(session, "acplain", "bob");
    const path = (collection, id) => `/api/collections/${collection}/impersonate/${id}`;
    const impersonate = (label, client, collection, id, duration, options) =>
        recorder.step(`${label} impersonates ${id} for ${duration}`, () => client.collection(collection).impersonate(id, duration, options));
    for (const [name, client] of Object.entries({ guest, bob, superuser })) {
        await impersonate(name, client, "acplain", "acplainalice000", 60);
        await impersonate(name, client, "acplain", "nobody", 60);
        await impersonate(name, client, "nowhere", "nobody", 60);
        await impersonate(name, client, "_mfas", "nobody", 60);
    }
    for (const duration of [0, 10, -1, 3_000_000_000]) {
        await impersonate("superuser", superuser, "acplain", "acplainbob00000", duration);
    }
    const headers = { ...json, Authorization: superuser.authStore.token };
    for (const body of ["", "{}", '{"duration":null}', '{"duration":"60"}', '{"duration":1.5}', '{"duration":true}', '{"duration":1e20}', "{"]) {
        await recorder.raw(`body ${body}`, "POST", path("acplain", "acplainbob00000"), { body, headers });
    }
    await recorder.raw("broken JSON for nobody", "POST", path("acplain", "nobody"), { body: "{", headers });
    await recorder.raw("by GET", "GET", path("acplain", "acplainbob00000"), { headers: { Authorization: superuser.authStore.token } });
    await impersonate("superuser", superuser, "acnobody", "acnobodybob0000", 60);
    await impersonate("superuser", superuser, "acclosed", "acclosedalice00", 60, { fields: "record.email,record.secret" });
    await impersonate("superuser", superuser, "acplain", "acplainalice000", 60, { expand: "friend" });

    const alice = await impersonate("superuser", superuser, "acplain", "acplainalice000", 1000);
    if (!alice) return;
    const before = alice.authStore.token;
    await recorder.step("the impersonated refreshes", () => alice.collection("acplain").authRefresh());
    recorder.note("the token stays the same", alice.authStore.token === before);
    await impersonate("the impersonated", alice, "acplain", "acplainbob00000", 60);
    const other = newClient();
    other.authStore.save(before, null);
    await recorder.step("the impersonated refreshes elsewhere", () => other.collection("acruled").authRefresh());
}

async function endings(session) {
    const { recorder, superuser } = session;
    const update = (label, body) => recorder.step(label, () => superuser.collection("acplain").update("acplainbob00000", body));
    const changes = [
        ["a new bio", { bio: "other" }],
        ["a new user name", { username: "robert" }],
        ["a new email", { email: "robert@acplain.co" }],
        ["a new token key", { tokenKey: "x".repeat(40) }],
        ["a new password", { password: "another horse", passwordConfirm: "another horse" }],
    ];
    for (const [label, body] of changes) {
        const bob = await signedIn(session, "acplain", label.includes("bio") || label.includes("user name") ? "bob" : "robert");
        await update(label, body);
        await recorder.step(`a session after ${label}`, () => bob.collection("acplain").authRefresh());
    }
    const alice = await signedIn(session, "acplain", "alice");
    await recorder.step("delete alice", () => superuser.collection("acplain").delete("acplainalice000"));
    await recorder.step("the session of a deleted record", () => alice.collection("acplain").authRefresh());
}
