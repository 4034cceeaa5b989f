// Records every HTTP exchange that the SDK makes, with the label of the step that caused it.

import { AsyncLocalStorage } from "node:async_hooks";

const REPLY_HEADERS = ["content-type", "access-control-allow-origin"];
const REPLY_MILLISECONDS_MAX = 60_000;
const LOST_REPLIES_MAX = 10;

/** One run's transcript: `exchanges` in the order in which the requests were sent. */
export class Recorder {
    constructor(baseUrl, ClientResponseError) {
        this.baseUrl = baseUrl;
        this.exchanges = [];
        this.ClientResponseError = ClientResponseError;
        this.labels = new AsyncLocalStorage();
        this.suite = "start";
        this.lostReplies = 0;
        this.replaced = [];
        this.plainFetch = globalThis.fetch;
        globalThis.fetch = (url, options) => this.#fetch(url, options);
    }

    /**
     * Runs one labelled step. An error reply, or none, is part of the transcript and does not end the run: the
     * step then yields `undefined`. A broken script, or a server that has gone away, does.
     */
    async step(label, call) {
        return this.labels.run(`${this.suite} / ${label}`, async () => {
            try {
                return await call();
            } catch (error) {
                const expected = error instanceof this.ClientResponseError || error instanceof LostReply;
                if (expected && this.lostReplies < LOST_REPLIES_MAX) return undefined;
                throw new Error(`step "${label}"`, { cause: error });
            }
        });
    }

    /** Sends what the SDK cannot: broken JSON, odd methods, unusual headers. */
    async raw(label, method, path, options = {}) {
        return this.step(label, () => fetch(this.baseUrl + path, { method, ...options }));
    }

    /** Records a fact that only this side of the wire can tell, such as an order of two times. */
    note(label, value) {
        const at_seconds = Math.floor(Date.now() / 1000);
        const reply = this.#shown(JSON.stringify(value));
        this.exchanges.push({ label: `${this.suite} / ${label}`, method: "NOTE", path: "", status: 0, reply, at_seconds });
    }

    /** From now on `text`, which each server generates anew, is recorded as `placeholder`. */
    replace(text, placeholder) {
        this.replaced.push([text, placeholder]);
        // What holds another is looked for first.
        this.replaced.sort(([one], [other]) => other.length - one.length);
    }

    /** The same, and also in what this suite has recorded already. */
    replaceEverywhere(text, placeholder) {
        this.replace(text, placeholder);
        for (const exchange of this.exchanges.filter(({ label }) => label.startsWith(`${this.suite} / `))) {
            for (const part of ["path", "request", "reply"]) exchange[part] = exchange[part]?.replaceAll(text, placeholder);
        }
    }

    #shown(text) {
        for (const [generated, placeholder] of this.replaced) text = text?.replaceAll(generated, placeholder);
        return text;
    }

    async #fetch(url, options = {}) {
        if (!String(url).startsWith(this.baseUrl)) return this.plainFetch(url, options);
        const exchange = {
            label: this.labels.getStore() ?? "unlabelled",
            method: options.method ?? "GET",
            path: String(url).slice(this.baseUrl.length),
            request: this.#shown(await textOf(options.body)),
        };
        this.exchanges.push(exchange);
        const response = await this.#reply(exchange, url, options);
        exchange.at_seconds = Math.floor(Date.now() / 1000);
        exchange.status = response.status;
        exchange.headers = {};
        for (const name of REPLY_HEADERS) {
            if (response.headers.has(name)) exchange.headers[name] = response.headers.get(name);
        }
        exchange.reply = this.#shown(await response.clone().text());
        return response;
    }

    async #reply(exchange, url, options) {
        try {
            return await this.plainFetch(url, { signal: AbortSignal.timeout(REPLY_MILLISECONDS_MAX), ...options });
        } catch (error) {
            this.lostReplies += 1;
            exchange.status = 0;
            exchange.reply = `no reply: ${error.cause?.message ?? error.message}`;
            throw new LostReply(exchange.reply, { cause: error });
        }
    }
}

/** A body as text that is the same whatever the boundary between its parts. */
async function textOf(body) {
    if (typeof body === "string" || body === undefined) return body;
    if (body instanceof URLSearchParams) return body.toString();
    if (!(body instanceof FormData)) return `${body.byteLength} bytes`;
    const shown = async ([name, value]) => [name, typeof value === "string" ? value : `${value.name}: ${await value.text()}`];
    return JSON.stringify(await Promise.all([...body].map(shown)));
}

/** The connection broke, or nothing came in time. */
class LostReply extends Error {}
