// Signing in as a superuser, and tokens that are not to be believed.

export async function run({ recorder, newClient, email, password, superuser }) {
    const signIn = (label, identity, secret) =>
        recorder.step(label, () => newClient().collection("_superusers").authWithPassword(identity, secret));

    await signIn("sign in again", email, password);
    await signIn("wrong password", email, "not the password");
    await signIn("unknown identity", "nobody@example.com", password);
    await signIn("empty password", email, "");
    await signIn("empty identity", "", password);
    await signIn("password of 72 bytes and more", email, "p".repeat(400));
    await recorder.step("unknown collection", () => newClient().collection("nobody").authWithPassword(email, password));

    const path = "/api/collections/_superusers/auth-with-password";
    const json = { "content-type": "application/json" };
    await recorder.raw("no body", "POST", path);
    await recorder.raw("broken JSON", "POST", path, { body: '{"identity":', headers: json });
    await recorder.raw("empty object", "POST", path, { body: "{}", headers: json });
    await recorder.raw("numbers for strings", "POST", path, { body: '{"identity":1,"password":2}', headers: json });
    await recorder.raw("GET instead of POST", "GET", path);

    const withToken = (token) => ({ headers: { Authorization: token } });
    const token = superuser.authStore.token;
    await recorder.raw("plain token", "GET", "/api/collections/_superusers", withToken(token));
    await recorder.raw("token with Bearer", "GET", "/api/collections/_superusers", withToken(`Bearer ${token}`));
    await recorder.raw("token with bearer in lower case", "GET", "/api/collections/_superusers", withToken(`bearer ${token}`));
    await recorder.raw("garbage token", "GET", "/api/collections/_superusers", withToken("garbage"));
    await recorder.raw("token with a changed signature", "GET", "/api/collections/_superusers", withToken(flipLast(token)));
    await recorder.raw("token with alg none", "GET", "/api/collections/_superusers", withToken(unsigned(token)));
}

/** The token with the last character but one of its signature changed (the last carries unused bits). */
function flipLast(token) {
    const at = token.length - 2;
    return token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
}

function unsigned(token) {
    const header = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");
    return `${header}.${token.split(".")[1]}.`;
}
