// Moving in, proved: a data folder that the real PocketBase made, and still serves, is imported; then both servers
// are asked the same, with the tokens and passwords that PocketBase gave out, and every reply is compared.
//
//     node run.mjs --pocketbase BINARY --backspin BINARY --packages DIR --folder DIR [--records N] [--seed TEXT]
//         [--made-by BINARY]
//
// --made-by is an older PocketBase, which makes the data folder: that one is imported as it is, and what --pocketbase
// serves beside it is a copy that it has brought up to date. DIR of --packages holds the `node_modules` with `pocketbase` and `vega-datasets`; the one of --folder is emptied
// and keeps what was made. Prints the differences; exits with 1 if there is one.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

import { compare, compareTranscripts } from "./compare.mjs";
import { requests } from "./requests.mjs";
import { EMAIL, PASSWORD, seed } from "./seed.mjs";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
// Those that only read, and whose every reply is alike on both.
const READS = ["61_", "63_", "64_", "65_", "67_"];
const START_SECONDS_MAX = 60;

const { values: options } = parseArgs({
    options: {
        pocketbase: { type: "string" },
        backspin: { type: "string" },
        packages: { type: "string" },
        folder: { type: "string" },
        records: { type: "string", default: "100000" },
        seed: { type: "string", default: "1" },
        "made-by": { type: "string" },
    },
});
for (const name of ["pocketbase", "backspin", "packages", "folder"]) {
    if (!options[name]) throw new Error(`--${name} is missing`);
}
const folder = resolve(options.folder);
const data = join(folder, "pocketbase", "pb_data");
const state = join(folder, "backspin");
const packages = createRequire(resolve(options.packages, "package.json"));
const { default: PocketBase } = await import(pathToFileURL(packages.resolve("pocketbase")));
const servers = [];

try {
    process.exitCode = (await prove()) === 0 ? 0 : 1;
} finally {
    servers.forEach((server) => server.kill("SIGTERM"));
}

/** How many differences there are. */
async function prove() {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(data, { recursive: true });
    const older = options["made-by"];
    const maker = older ?? options.pocketbase;
    execFileSync(maker, ["superuser", "upsert", EMAIL, PASSWORD, "--dir", data]);
    let original = await startPocketBase(maker, data);
    if (!older) await suites(original, ["60_"], "seed");
    const known = await seed(new PocketBase(original).autoCancellation(false), Number(options.records), hasGeoPoints(maker));
    if (older) original = await startPocketBase(options.pocketbase, await copyOf(data));

    const began = Date.now();
    const told = execFileSync(options.backspin, ["import", "pocketbase", data, "--from", ROOT, "--state-dir", state], { encoding: "utf8" });
    writeFileSync(join(folder, "import.txt"), told);
    console.log(`imported in ${((Date.now() - began) / 1000).toFixed(1)} s`);
    const cache = join(folder, "cache");
    const imported = await start("backspin", options.backspin, (port) => [
        ...["up", "--from", ROOT, "--listen", `127.0.0.1:${port}`, "--state-dir", state, "--cache-dir", cache],
    ]);

    const found = await compare(original, imported, requests(known, !older));
    for (const [name, identity, password] of known.passwords) {
        for (const url of [original, imported]) {
            const signedIn = await new PocketBase(url).collection(name).authWithPassword(identity, password).catch((error) => error);
            if (!signedIn.token) found.push(`${url} refuses the old password of ${identity}: ${signedIn.message}`);
        }
        const hash = hashOf(name, identity);
        if (!hash.startsWith("$argon2id$")) found.push(`after signing in, the hash of ${identity} is still ${hash.slice(0, 7)}…`);
    }
    if (!older) {
        const both = async () => [await suites(original, READS, "expected"), await suites(imported, READS, "actual")];
        found.push(...compareTranscripts(...(await withinOneDay(both))));
    }
    writeFileSync(join(folder, "differences.txt"), found.join("\n\n"));
    found.slice(0, 20).forEach((difference) => console.log(difference.slice(0, 2000)));
    console.log(`${found.length} differences between PocketBase and the import, each in ${join(folder, "differences.txt")}`);
    return found.length;
}

/** What `ask` returns, asked again if the day (UTC) ended meanwhile: filters name the day. */
async function withinOneDay(ask) {
    const day = () => new Date().toISOString().slice(0, 10);
    const began = day();
    const told = await ask();
    return day() === began ? told : ask();
}

/** Runs suites of the conformance against a server; returns their exchanges. */
async function suites(url, names, label) {
    const out = join(folder, `${label}.json`);
    const script = fileURLToPath(new URL("../run.mjs", import.meta.url));
    const session = ["--url", url, "--email", EMAIL, "--password", PASSWORD];
    execFileSync("node", [script, ...session, "--packages", resolve(options.packages), "--out", out, "--seed", options.seed, ...names]);
    return JSON.parse(readFileSync(out, "utf8")).exchanges;
}

function startPocketBase(binary, folder) {
    return start("pocketbase", binary, (port) => ["serve", "--dir", folder, "--http", `127.0.0.1:${port}`]);
}

/** A copy of the data folder, once the server that writes to it has ended. */
async function copyOf(data) {
    const server = servers.pop();
    server.kill("SIGTERM");
    await once(server, "exit");
    const copy = `${data}-copy`;
    cpSync(data, copy, { recursive: true });
    return copy;
}

/** Fields of that type came with 0.27. */
function hasGeoPoints(binary) {
    const [, minor] = /(\d+)\.\d+$/m.exec(execFileSync(binary, ["--version"], { encoding: "utf8" }).trim());
    return Number(minor) >= 27;
}

/** Starts a server on a free port and waits until it answers; returns its URL. */
async function start(name, binary, args) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const log = openSync(join(folder, `${name}.log`), "w");
    const server = spawn(binary, args(port), { stdio: ["ignore", log, log] });
    servers.push(server);
    for (const until = Date.now() + START_SECONDS_MAX * 1000; Date.now() < until; ) {
        if (server.exitCode !== null) break;
        if (await fetch(`${url}/api/health`).then((reply) => reply.ok, () => false)) return url;
        await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error(`${name} did not come up: ${readFileSync(join(folder, `${name}.log`), "utf8")}`);
}

function freePort() {
    return new Promise((done) => {
        const server = createServer().listen(0, "127.0.0.1", () => {
            const { port } = server.address();
            server.close(() => done(port));
        });
    });
}

/** How the imported database keeps a password now. */
function hashOf(collection, identity) {
    const script = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(f'SELECT password FROM \"{sys.argv[2]}\" WHERE email = ?', [sys.argv[3]]).fetchone()[0])";
    return execFileSync("python3", ["-c", script, join(state, "sqlite_db.db"), collection, identity], { encoding: "utf8" }).trim();
}
