// A real OpenID provider for one suite, and what a browser brings back from it.

import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const SOURCE = new URL("../../oidc/provider.mjs", import.meta.url);

/** The functions and names of tests/oidc/provider.mjs, copied to where its package is installed. */
export async function loadProvider(packagesFolder) {
    const copy = join(packagesFolder, "..", `provider-${process.pid}.mjs`);
    await copyFile(SOURCE, copy);
    return import(pathToFileURL(copy));
}

/** The options of a collection that signs in with `provider`, which is started. */
export function oauth2Options({ CLIENT_ID, CLIENT_SECRET }, issuer, options = {}) {
    const provider = {
        name: "oidc",
        displayName: "Tests",
        clientId: CLIENT_ID,
        clientSecret: CLIENT_SECRET,
        authURL: `${issuer}/auth`,
        tokenURL: `${issuer}/token`,
        userInfoURL: `${issuer}/me`,
        pkce: true,
    };
    return { enabled: true, providers: [provider], ...options };
}
