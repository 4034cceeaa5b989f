// The PocketBase SDK with what a browser would give it, and what the scripts beside it have in common.
//
// Each script is run as `node SCRIPT --url URL --email EMAIL --password PASSWORD --packages DIR`: a server, its
// superuser, and a folder whose `node_modules` has the packages of package.json. It ends with 0, or with 1 and the fault.
// `--port PORT` is where sign_in.mjs has its provider, which the server must be allowed to reach: it is started with
// `--variable oauth2_origin=http://127.0.0.1:PORT`.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

export const { url, email, password, packages, port } = parseArgs({
    options: {
        url: { type: "string" },
        email: { type: "string" },
        password: { type: "string" },
        packages: { type: "string" },
        port: { type: "string", default: "0" },
    },
}).values;

const { resolve: find } = createRequire(resolve(packages, "package.json"));
const { EventSource } = await import(pathToFileURL(find("eventsource")));
const { default: PocketBase } = await import(pathToFileURL(find("pocketbase")));
globalThis.EventSource = EventSource;

export const newClient = () => new PocketBase(url).autoCancellation(false);

/** Loads the page to which a provider sends the user back, and tells where it sends the user on. */
export async function arrive(parameters, form) {
    const page = `${url}/api/oauth2-redirect${form ? "" : `?${new URLSearchParams(parameters)}`}`;
    const posted = form && { method: "POST", body: new URLSearchParams(parameters) };
    const reply = await fetch(page, { redirect: "manual", ...posted });
    assert.equal(reply.status, form ? 303 : 307);
    assert.equal(await reply.text(), "");
    return reply.headers.get("location");
}

export const SUCCESS = "../_/#/auth/oauth2-redirect-success";
export const FAILURE = "../_/#/auth/oauth2-redirect-failure";

/** What `work` comes to, within ten seconds. */
export function soon(work) {
    const late = new Promise((_, reject) => setTimeout(reject, 10_000, new Error("nothing came")).unref());
    return Promise.race([work, late]);
}
