// Signing in with the code of a real OpenID provider.

import { wrongBodies } from "../accounts/bodies.mjs";
import { elsewhere, withToken } from "../accounts/clients.mjs";
import { PASSWORD, emailOf, idOf, makeAccounts } from "../accounts/collection.mjs";
import { loadProvider, oauth2Options } from "../accounts/provider.mjs";

const NAME = "provided";
const COLLECTIONS = [NAME, "providedclosed", "providedlocked", "providedruled", "providedmfa"];

const USERS = {
    nora: { email: "nora@provided.example", email_verified: true, name: "Nora N.", preferred_username: "nora_n", picture: "http://127.0.0.1:1/nora.png" },
    anna: { email: emailOf(NAME, "anna"), email_verified: true, name: "Anna" },
    ben: { email: emailOf(NAME, "ben"), email_verified: true, name: "Ben" },
    doubtful: { email: "doubtful@provided.example", email_verified: false, name: "Doubtful" },
    silent: { name: "Silent" },
    heir: { email: emailOf(NAME, "anna"), email_verified: true, name: "Heir" },
    carl: { email: "other@example.com", email_verified: true, name: "Carl" },
    late: { email: "late@provided.example", email_verified: true, name: "Late" },
    ruled: { email: "ruled@provided.example", email_verified: true, name: "Ruled" },
};

export async function run(session) {
    const { recorder, packagesFolder } = session;
    const tools = await loadProvider(packagesFolder);
    const provider = await tools.start(USERS);
    recorder.replace(provider.issuer, "http://<issuer>");
    try {
        await drive(session, tools, provider.issuer);
    } finally {
        provider.stop();
    }
}

async function drive(session, tools, issuer) {
    const { recorder, superuser, guest } = session;
    const oauth2 = oauth2Options(tools, issuer, { mappedFields: { name: "name", id: "", username: "", avatarURL: "" } });
    await makeAccounts(session, NAME, ["anna", "ben", "carl"], { createRule: "", oauth2, mfa: { enabled: false } });
    await makeAccounts(session, "providedclosed", [], { oauth2: { ...oauth2, enabled: false } });
    await makeAccounts(session, "providedlocked", [], { oauth2, createRule: null });
    await makeAccounts(session, "providedruled", [], { oauth2, createRule: "@request.context = 'oauth2' && name != '' && level = 7", authRule: "level = 7" });
    await makeAccounts(session, "providedmfa", [], { oauth2, createRule: "", mfa: { enabled: true, duration: 600, rule: "" } });
    await recorder.step("anna is verified", () => superuser.collection(NAME).update(idOf(NAME, "anna"), { verified: true }));

    /** What the browser brings back, and what the client has kept to go with it. */
    const codeFor = async (name, collection = NAME) => {
        const methods = await recorder.step(`methods of ${collection} for ${name}`, () => guest.collection(collection).listAuthMethods());
        const method = methods?.oauth2.providers[0];
        if (!method) return {};
        for (const [key, value] of Object.entries({ state: method.state, verifier: method.codeVerifier, challenge: method.codeChallenge })) {
            if (value) recorder.replaceEverywhere(value, `<${key}>`);
        }
        const back = await tools.browse(`${method.authURL}${encodeURIComponent(tools.REDIRECT_URL)}&login_hint=${name}`);
        recorder.note(`${name} comes back`, { state: back.state === method.state, code: typeof back.code });
        recorder.replaceEverywhere(back.code, `<code of ${name}>`);
        return { code: back.code, verifier: method.codeVerifier };
    };
    const signIn = async (label, { code = "", verifier = "" }, { collection = NAME, client = elsewhere(session), createData, options, url = tools.REDIRECT_URL, provider = "oidc" } = {}) => {
        const reply = await recorder.step(`sign in, ${label}`, () =>
            client.collection(collection).authWithOAuth2Code(provider, code, verifier, url, createData, options),
        );
        const { accessToken, refreshToken, expiry } = reply?.meta ?? {};
        for (const [name, text] of Object.entries({ accessToken, refreshToken, expiry })) {
            if (text) recorder.replaceEverywhere(text, `<${name}>`);
        }
        return reply;
    };
    const links = (label) =>
        recorder.step(`links, ${label}`, () => superuser.collection("_externalAuths").getFullList({ sort: "providerId,created", fields: "collectionRef,recordRef,provider,providerId" }));
    const show = (label, id) => recorder.step(`what ${label} is`, () => superuser.collection(NAME).getOne(id ?? "missing"));

    const nora = await codeFor("nora");
    await signIn("a new account", nora);
    await signIn("the code again", nora);
    await signIn("nora again", await codeFor("nora"));
    await links("of nora");
    const wrong = await codeFor("nora");
    await signIn("another verifier", { ...wrong, verifier: "x".repeat(43) });
    await signIn("no verifier", { ...(await codeFor("nora")), verifier: "" });
    await signIn("another redirect URL", await codeFor("nora"), { url: "http://127.0.0.1:2/elsewhere" });
    await signIn("a made-up code", { ...wrong, code: "made-up" });
    await signIn("an unknown provider", await codeFor("nora"), { provider: "google" });
    await signIn("no provider", await codeFor("nora"), { provider: "" });
    for (const collection of ["providedclosed", "_superusers", "_mfas", "nowhere"]) await signIn(`in ${collection}`, wrong, { collection });

    await signIn("a verified account of that email", await codeFor("anna"));
    await recorder.step("anna's password goes on", () => elsewhere(session).collection(NAME).authWithPassword(emailOf(NAME, "anna"), PASSWORD));
    await signIn("somebody else who has that email now", await codeFor("heir"));
    const before = elsewhere(session);
    await recorder.step("whoever made ben's account signs in", () => before.collection(NAME).authWithPassword(emailOf(NAME, "ben"), PASSWORD));
    await signIn("an unverified account of that email", await codeFor("ben"));
    await recorder.step("the session of whoever made it", () => before.collection(NAME).authRefresh());
    await recorder.step("the password of whoever made it", () => elsewhere(session).collection(NAME).authWithPassword(emailOf(NAME, "ben"), PASSWORD));
    await show("ben", idOf(NAME, "ben"));

    await signIn("an email that the provider has not verified", await codeFor("doubtful"));
    await signIn("no email", await codeFor("silent"));
    const carl = elsewhere(session);
    await recorder.step("carl signs in", () => carl.collection(NAME).authWithPassword(emailOf(NAME, "carl"), PASSWORD));
    await signIn("carl links his own", await codeFor("carl"), { client: withToken(session, carl.authStore.token) });
    await show("carl", idOf(NAME, "carl"));
    await signIn("carl by his own", await codeFor("carl"));
    await signIn("carl with what is nora's", await codeFor("nora"), { client: withToken(session, carl.authStore.token) });
    await links("of all");

    await signIn("with data for a new account", await codeFor("late"), { createData: { level: 3, name: "Chosen", email: "chosen@provided.example", verified: false }, options: { fields: "*,meta.isNew", expand: "nothing" } });
    await signIn("in a locked collection", await codeFor("nora", "providedlocked"), { collection: "providedlocked" });
    await signIn("against the rules", await codeFor("ruled", "providedruled"), { collection: "providedruled" });
    await signIn("with data that the rules want", await codeFor("ruled", "providedruled"), { collection: "providedruled", createData: { level: 7 } });
    await signIn("with data of the wrong type", await codeFor("silent", "providedruled"), { collection: "providedruled", createData: { level: "x", email: "no address" } });
    await signIn("a first factor", await codeFor("nora", "providedmfa"), { collection: "providedmfa" });

    await recorder.step("whom the first factor has made", () => superuser.collection("providedmfa").getFullList());

    await recorder.step("carl unlinks", () => carl.collection(NAME).unlinkExternalAuth(idOf(NAME, "carl"), "oidc"));
    await recorder.step("carl's links", () => carl.collection(NAME).listExternalAuths(idOf(NAME, "carl")));
    await recorder.step("delete ben", () => superuser.collection(NAME).delete(idOf(NAME, "ben")));
    await links("at last");

    const good = { provider: "oidc", code: "made-up", codeVerifier: "x".repeat(43), redirectURL: tools.REDIRECT_URL };
    for (const [label, options] of wrongBodies(["provider", "code", "codeVerifier", "redirectURL", "createData"], good)) {
        await recorder.raw(`wrong, ${label}`, "POST", `/api/collections/${NAME}/auth-with-oauth2`, options);
    }
    await recorder.raw("by GET", "GET", `/api/collections/${NAME}/auth-with-oauth2`);
    // Each server has a provider of its own: what names it must not be in what later suites list.
    for (const collection of COLLECTIONS) await recorder.step(`delete ${collection}`, () => superuser.collections.delete(collection));
}
