// What is equal between two servers, and what is not.

const TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g;

/** Sends each request to both servers; returns the differences as texts. */
export async function compare(expectedUrl, actualUrl, requests) {
    const found = [];
    for (const [who, token, path] of requests) {
        const headers = token ? { authorization: token } : {};
        const [expected, actual] = await Promise.all([expectedUrl, actualUrl].map((url) => fetch(url + path, { headers }).then(reply)));
        if (expected !== actual) found.push(`${who} GET ${path}\n${firstDifference(expected, actual)}`);
    }
    console.log(`${requests.length} requests with tokens from before the import`);
    return found;
}

/** Compares what the same suites recorded; tokens differ by their nature. */
export function compareTranscripts(expected, actual) {
    const found = [];
    if (expected.length !== actual.length) found.push(`${expected.length} exchanges became ${actual.length}`);
    for (const [at, exchange] of expected.entries()) {
        if (!exchange.path.startsWith("/api/collections/")) continue;
        const [one, other] = [exchange, actual[at]].map((exchange) => exchange && shown(exchange.status, exchange.reply));
        if (one !== other) found.push(`${exchange.label}\n${exchange.method} ${exchange.path}\n${firstDifference(one, other ?? "")}`);
    }
    console.log(`${expected.length} exchanges of the suites`);
    return found;
}

async function reply(response) {
    return shown(response.status, await response.text());
}

/** Status and body, with the keys of objects in one order. The words of a refusal are the other suites' concern. */
function shown(status, body) {
    if (status >= 400) return `${status}`;
    try {
        return `${status} ${JSON.stringify(sorted(JSON.parse(body)))}`.replaceAll(TOKEN, "TOKEN");
    } catch {
        return `${status} ${body}`;
    }
}

function sorted(json) {
    if (Array.isArray(json)) return json.map(sorted);
    if (json === null || typeof json !== "object") return json;
    return Object.fromEntries(Object.keys(json).sort().map((key) => [key, sorted(json[key])]));
}

function firstDifference(expected, actual) {
    let at = 0;
    while (at < expected.length && expected[at] === actual[at]) at++;
    const from = Math.max(0, at - 120);
    return `  PocketBase …${expected.slice(from, at + 300)}\n  Backspin   …${actual.slice(from, at + 300)}`;
}
