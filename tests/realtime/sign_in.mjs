// The whole of `authWithOAuth2`, with a provider of this script and a "browser" that follows its redirections.

import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

import { email, newClient, password, port, soon, url } from "./sdk.mjs";

const EMAIL = `${randomUUID()}@example.com`;

/** Codes that were given, each with the challenge that its verifier has to meet. */
const codes = new Map();

const provider = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://provider");
    const json = (status, body) =>
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (pathname === "/auth") {
        const back = new URL(searchParams.get("redirect_uri"));
        back.searchParams.set("state", searchParams.get("state"));
        if (searchParams.get("login_hint") === "nobody") {
            back.searchParams.set("error", "access_denied");
        } else {
            const code = randomUUID();
            codes.set(code, searchParams.get("code_challenge"));
            back.searchParams.set("code", code);
        }
        response.writeHead(302, { location: back.href }).end();
    } else if (pathname === "/token") {
        const form = new URLSearchParams(await text(request));
        const met = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
        const expected = codes.get(form.get("code"));
        codes.delete(form.get("code"));
        if (expected === met) json(200, { access_token: "t", token_type: "Bearer", expires_in: 60 });
        else json(400, { error: "invalid_grant" });
    } else if (pathname === "/userinfo" && request.headers.authorization === "Bearer t") {
        json(200, { sub: EMAIL, email: EMAIL, email_verified: true, name: "Ann" });
    } else {
        json(404, {});
    }
});
provider.listen(Number(port), "127.0.0.1");
await once(provider, "listening");
const at = `http://127.0.0.1:${provider.address().port}`;

const root = newClient();
await root.collection("_superusers").authWithPassword(email, password);
await root.collections.update("users", {
    oauth2: {
        enabled: true,
        providers: [
            {
                name: "oidc",
                clientId: "backspin",
                clientSecret: "a secret of the client",
                authURL: `${at}/auth`,
                tokenURL: `${at}/token`,
                userInfoURL: `${at}/userinfo`,
                pkce: true,
            },
        ],
    },
});

/** Where the browser ended up. */
let landed;
async function browse(page) {
    const back = await fetch(page, { redirect: "manual" });
    const arrived = back.headers.get("location");
    assert.ok(arrived.startsWith(`${url}/api/oauth2-redirect?`), arrived);
    landed = (await fetch(arrived, { redirect: "manual" })).headers.get("location");
}

const pb = newClient();
const signed = await soon(pb.collection("users").authWithOAuth2({ provider: "oidc", urlCallback: browse }));
assert.equal(landed, "../_/#/auth/oauth2-redirect-success");
assert.equal(signed.record.email, EMAIL);
assert.equal(signed.meta.isNew, true);
assert.ok(pb.authStore.isValid);

const again = await soon(newClient().collection("users").authWithOAuth2({ provider: "oidc", urlCallback: browse }));
assert.equal(again.record.id, signed.record.id);
assert.equal(again.meta.isNew, false);

const refused = newClient().collection("users").authWithOAuth2({
    provider: "oidc",
    urlCallback: (page) => browse(`${page}&login_hint=nobody`),
});
await assert.rejects(soon(refused), (fault) => /access_denied/.test(fault.originalError?.message));
assert.equal(landed, "../_/#/auth/oauth2-redirect-failure");

provider.close();
provider.closeAllConnections();
console.log("ok");
