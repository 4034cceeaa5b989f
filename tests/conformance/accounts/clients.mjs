// Clients from ever other networks: limits on guessing count by network, and what is compared here is not the limits.

let last = 0;

/** An address that nobody has used yet in this run. */
export function nextAddress() {
    last += 1;
    return `10.${(last >> 16) & 255}.${(last >> 8) & 255}.${last & 255}`;
}

/** A client of the SDK that is always at `address`. `settings.trustedProxy` believes the header (see run.mjs). */
export function clientFrom(newClient, address, userAgent) {
    const client = newClient();
    client.beforeSend = (url, options) => {
        options.headers = { ...options.headers, "X-Forwarded-For": address, ...(userAgent && { "User-Agent": userAgent }) };
        return { url, options };
    };
    return client;
}

/** A client that comes from a new address. */
export const elsewhere = ({ newClient }) => clientFrom(newClient, nextAddress());

/** One with the token of another. */
export function withToken(session, token) {
    const client = elsewhere(session);
    client.authStore.save(token ?? "", null);
    return client;
}
