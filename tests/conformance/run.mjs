// Drives one server with the PocketBase SDK and writes what went over the wire.
//
//     node run.mjs --url URL --email EMAIL --password PASSWORD --packages DIR --out FILE [--seed TEXT] [SUITE…]
//
// DIR holds the `node_modules` with the packages of package.json. The server is expected to be new, with the superuser
// EMAIL, and allowed to send mail to any port of this machine. The seed tells what the generated suites (60 and on) send. The transcript is JSON: {"generated_after", "generated_before" (RFC 3339),
// "exchanges": [{label, method, path, request?, status, headers, reply, at_seconds}]}.

import { readdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

import { Mailbox } from "./mailbox.mjs";
import { Random } from "./generate/random.mjs";
import { Recorder } from "./recorder.mjs";

const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
        url: { type: "string" },
        email: { type: "string" },
        password: { type: "string" },
        packages: { type: "string" },
        out: { type: "string" },
        seed: { type: "string", default: "1" },
    },
});
for (const name of ["url", "email", "password", "packages", "out"]) {
    if (!values[name]) throw new Error(`--${name} is missing`);
}

const packages = createRequire(resolve(values.packages, "package.json"));
const { default: PocketBase, ClientResponseError } = await import(pathToFileURL(packages.resolve("pocketbase")));

const recorder = new Recorder(values.url, ClientResponseError);
const newClient = () => new PocketBase(values.url).autoCancellation(false);

/** What every suite is given. */
const session = {
    recorder,
    packagesFolder: resolve(values.packages, "node_modules"),
    email: values.email,
    password: values.password,
    newClient,
    guest: newClient(),
    superuser: newClient(),
    mailbox: await Mailbox.start(packages),
};

const suitesFolder = new URL("./suites/", import.meta.url);
const suiteFiles = (await readdir(suitesFolder)).filter((file) => file.endsWith(".mjs")).sort();
const wanted = suiteFiles.filter((file) => positionals.length === 0 || positionals.some((name) => file.includes(name)));
if (wanted.length === 0) throw new Error(`no suite is named ${positionals.join(", ")}; there are ${suiteFiles.join(", ")}`);

// Times in between are the servers' own: collections of the system may be somewhat older than this run.
const generatedAfter = new Date(Date.now() - 24 * 3600 * 1000).toISOString();
await recorder.step("sign in as superuser", () =>
    session.superuser.collection("_superusers").authWithPassword(values.email, values.password),
);
if (!session.superuser.authStore.isValid) {
    throw new Error(`${values.url} refused the superuser ${values.email}: ${recorder.exchanges.at(-1).reply}`);
}
await setUp(values.url, session.superuser.authStore.token, session.mailbox.port);
for (const file of wanted) {
    const suite = await import(new URL(file, suitesFolder));
    recorder.suite = file.replace(/^\d+_|\.mjs$/g, "").replaceAll("_", " ");
    recorder.replaced = [];
    await suite.run({ ...session, random: new Random(values.seed).for(recorder.suite) });
}

await session.mailbox.stop();

await writeFile(
    values.out,
    JSON.stringify({
        generated_after: generatedAfter,
        generated_before: new Date().toISOString(),
        exchanges: recorder.exchanges,
    }),
);
console.log(`${recorder.exchanges.length} exchanges`);

/**
 * The settings that the suites rely on: batches, a mail server, where links lead, and clients whose address is that of
 * a header. PocketBase answers batches only once its settings say so.
 */
async function setUp(url, token, mailPort) {
    const settings = {
        batch: { enabled: true, maxRequests: 50, timeout: 30 },
        meta: { appName: "Conformance", appURL: "https://app.example.com/base", senderName: "The Sender", senderAddress: "sender@example.com" },
        smtp: { enabled: true, host: "127.0.0.1", port: mailPort, tls: false, username: "", password: "" },
        trustedProxy: { headers: ["X-Forwarded-For"], useLeftmostIP: true },
    };
    const response = await recorder.plainFetch(`${url}/api/settings`, {
        method: "PATCH",
        headers: { "content-type": "application/json", authorization: token },
        body: JSON.stringify(settings),
    });
    if (!response.ok) throw new Error(`the settings were refused: ${await response.text()}`);
}
