// Where one way to sign in is not enough. A superuser writes down what another way would have left. The reply that
// asks for another way is tested end to end: its generated id is all that it holds.

const PASSWORD = "correct horse";

export async function run({ recorder, newClient, superuser }) {
    const mfas = superuser.collection("_mfas");
    const collection = await recorder.step("create the collection", () =>
        superuser.collections.create({
            name: "acfactors",
            type: "auth",
            fields: [{ name: "level", type: "number" }],
            mfa: { enabled: true, duration: 600, rule: "level > 0" },
            otp: { enabled: true, duration: 180, length: 8 },
        }),
    );
    for (const [id, level] of [["acfactorslow000", 0], ["acfactorshigh00", 1], ["acfactorshigh01", 1]]) {
        const account = { id, level, email: `${id}@example.com`, password: PASSWORD, passwordConfirm: PASSWORD };
        await recorder.step(`create ${id}`, () => superuser.collection("acfactors").create(account));
    }
    const signIn = (label, id, options, password = PASSWORD) =>
        recorder.step(label, () => newClient().collection("acfactors").authWithPassword(`${id}@example.com`, password, options));
    const remember = (id, recordRef, method) =>
        recorder.step(`remember ${id}`, () => mfas.create({ id, recordRef, method, collectionRef: collection?.id }));

    await signIn("nobody asks", "acfactorslow000");
    await signIn("an id that nobody asks for", "acfactorslow000", { body: { mfaId: "bogus" } });
    await signIn("asked after a wrong password", "acfactorshigh00", {}, "wrong horse");
    await signIn("an unknown id", "acfactorshigh00", { body: { mfaId: "bogus" } });
    await signIn("a number for an id", "acfactorshigh00", { body: { mfaId: 5 } });
    await remember("mfapassword0000", "acfactorshigh00", "password");
    await signIn("the same method", "acfactorshigh00", { body: { mfaId: "mfapassword0000" } });
    await remember("mfaother0000000", "acfactorshigh01", "otp");
    await signIn("somebody else's", "acfactorshigh00", { body: { mfaId: "mfaother0000000" } });
    await remember("mfaotp000000000", "acfactorshigh00", "otp");
    await signIn("another method, a wrong password", "acfactorshigh00", { body: { mfaId: "mfaotp000000000" } }, "wrong horse");
    await signIn("another method", "acfactorshigh00", { body: { mfaId: "mfaotp000000000" } });
    await signIn("the same id again", "acfactorshigh00", { body: { mfaId: "mfaotp000000000" } });
    await remember("mfaquery0000000", "acfactorshigh00", "oauth2");
    await signIn("the id in the query", "acfactorshigh00", { query: { mfaId: "mfaquery0000000" } });
    await recorder.step("what is left", () => mfas.getList(1, 20, { fields: "method,recordRef,collectionRef", sort: "created" }));
}
