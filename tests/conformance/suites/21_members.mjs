// Accounts of auth collections: what they call themselves at sign-in, what an auth rule says, what the reply holds.

const PASSWORD = "correct horse";
const json = { "content-type": "application/json" };

/** Fields and indexes of every collection here: `username` compares exactly, `nick` ignores case. */
function members(name, options) {
    return {
        name,
        type: "auth",
        viewRule: "",
        fields: [
            { name: "username", type: "text" },
            { name: "nick", type: "text" },
            { name: "level", type: "number" },
            { name: "bio", type: "text" },
            { name: "secret", type: "text", hidden: true },
            { name: "friend", type: "relation", collectionId: "_pb_users_auth_" },
        ],
        indexes: [
            `CREATE UNIQUE INDEX ix_${name}_username ON ${name} (username)`,
            `CREATE UNIQUE INDEX ix_${name}_nick ON ${name} (nick COLLATE NOCASE) WHERE nick != ''`,
        ],
        passwordAuth: { enabled: true, identityFields: ["username", "nick", "email"] },
        ...options,
    };
}

export async function run({ recorder, newClient, superuser }) {
    const make = async (name, options = {}) => {
        await recorder.step(`create ${name}`, () => superuser.collections.create(members(name, options)));
        const create = (body) =>
            recorder.step(`create ${body.id}`, () =>
                superuser.collection(name).create({ ...body, password: PASSWORD, passwordConfirm: PASSWORD }),
            );
        await create({ id: `${name}alice`.padEnd(15, "0"), email: `Alice@${name}.co`, username: "alice", nick: "Ali", bio: "a long text of some words" });
        await create({ id: `${name}bob`.padEnd(15, "0"), email: `bob@${name}.co`, username: "bob", verified: true, emailVisibility: true, level: 1 });
    };
    const signIn = (name, identity, password = PASSWORD, options = {}, client = newClient()) =>
        recorder.step(`${identity} signs in to ${name} ${JSON.stringify(options)}`, () =>
            client.collection(name).authWithPassword(identity, password, options),
        );

    await make("acplain");
    await recorder.step("an email for a user name", () =>
        superuser.collection("acplain").create({ id: "acplainmallory0", email: "m@acplain.co", username: "bob@acplain.co", password: PASSWORD, passwordConfirm: PASSWORD }),
    );
    for (const identity of ["Alice@acplain.co", "alice@acplain.co", "alice", "ALICE", "ali", "ALI", " alice", "acplainalice000", "bob@acplain.co", "m@acplain.co", "nobody", "ü".repeat(128)]) {
        await signIn("acplain", identity);
    }
    await signIn("acplain", "alice", "wrong horse");
    await signIn("acplain", "bob", "x".repeat(256));
    for (const identityField of ["email", "username", "nick", "", "id", "password", "bogus"]) {
        await signIn("acplain", "bob@acplain.co", PASSWORD, { body: { identityField } });
    }
    for (const body of ["{}", '{"identity":null,"password":null}', '{"identity":["a"],"password":"b"}', '{"identity":"a","password":"b","identityField":"no"}', "{"]) {
        await recorder.raw(`sign in with ${body}`, "POST", "/api/collections/acplain/auth-with-password", { body, headers: json });
    }
    const form = new URLSearchParams({ identity: "bob", password: PASSWORD });
    await recorder.raw("sign in by a form", "POST", "/api/collections/acplain/auth-with-password", { body: form });

    const user = await recorder.step("create a friend", () =>
        superuser.collection("users").create({ email: "friend@users.co", name: "Friend", password: PASSWORD, passwordConfirm: PASSWORD }),
    );
    await recorder.step("make friends", () => superuser.collection("acplain").update("acplainalice000", { friend: user?.id }));
    await recorder.step("befriend oneself", () => superuser.collection("users").update(user?.id ?? "missing", { emailVisibility: true }));
    for (const options of [
        { expand: "friend" }, { expand: "nowhere" }, { expand: "acplain_via_friend" }, { fields: "token" }, { fields: "record.email" },
        { fields: "*" }, { fields: "*,record.bio:excerpt(3,true)" }, { fields: "record.bio:excerpt(3),token" }, { fields: "nothing" },
        { fields: "record.secret,record.tokenKey,record.password" }, { fields: "expand" }, { expand: "friend", fields: "record.expand.friend.name" },
    ]) {
        await signIn("acplain", "alice", PASSWORD, options);
    }

    await make("acruled", { authRule: "verified = true" });
    await make("acnobody", { authRule: null });
    await make("acclosed", { passwordAuth: { enabled: false, identityFields: ["email"] } });
    await make("accontext", { authRule: "@request.context = 'password' && @request.method = 'POST' && @request.auth.id = '' && level >= @request.query.level" });
    await make("acbody", { authRule: "@request.body.code = 'x' || @request.query.code = 'x' || @request.headers.x_code = 'x'" });
    for (const name of ["acruled", "acnobody", "acclosed", "accontext", "acbody"]) {
        for (const identity of [`Alice@${name}.co`, `bob@${name}.co`, "nobody@example.com"]) {
            await signIn(name, identity);
            await signIn(name, identity, "wrong horse");
        }
        await recorder.raw(`broken JSON to ${name}`, "POST", `/api/collections/${name}/auth-with-password`, { body: "{", headers: json });
    }
    await signIn("accontext", "bob@accontext.co", PASSWORD, { query: { level: 1 } });
    await signIn("accontext", "bob@accontext.co", PASSWORD, { query: { level: 2 } });
    for (const options of [{ body: { code: "x" } }, { query: { code: "x" } }, { headers: { "X-Code": "x" } }]) {
        await signIn("acbody", "bob@acbody.co", PASSWORD, options);
    }
    const root = newClient();
    root.authStore.save(superuser.authStore.token, superuser.authStore.record);
    await signIn("acnobody", "bob@acnobody.co", PASSWORD, {}, root);
}
