// A real OpenID provider on this machine, whose users sign in by naming themselves.

import { createServer } from 'node:http';

import { Provider } from 'oidc-provider';

export const CLIENT_ID = 'backspin';
export const CLIENT_SECRET = 'a secret of the client';
export const OTHER_CLIENT_ID = 'another';
export const REDIRECT_URL = 'http://127.0.0.1:1/api/oauth2-redirect';

const SECONDS = 600;

/// Starts the provider on `port`, or on a free one. `users` holds the claims of each user by `sub`, and may change while it runs.
export async function start(users, port = 0) {
    const server = createServer();
    await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
    const issuer = `http://127.0.0.1:${server.address().port}`;
    const client = (client_id) => ({
        client_id,
        client_secret: CLIENT_SECRET,
        redirect_uris: [REDIRECT_URL],
        token_endpoint_auth_method: 'client_secret_post',
    });
    const provider = new Provider(issuer, {
        clients: [client(CLIENT_ID), client(OTHER_CLIENT_ID)],
        claims: {
            openid: ['sub'],
            email: ['email', 'email_verified'],
            profile: ['name', 'picture', 'preferred_username'],
        },
        // So that a flow without the user's data has them in the id_token.
        conformIdTokenClaims: false,
        cookies: { keys: ['a key of the tests'] },
        features: { devInteractions: { enabled: false } },
        findAccount: (_, sub) => users[sub] && { accountId: sub, claims: () => ({ sub, ...users[sub] }) },
        interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
        pkce: { required: () => false },
        ttl: { AccessToken: SECONDS, AuthorizationCode: SECONDS, Grant: SECONDS, IdToken: SECONDS, Interaction: SECONDS, Session: SECONDS },
    });
    const answer = provider.callback();
    server.on('request', (request, response) => {
        const done = request.url.startsWith('/interaction/') ? consent(provider, request, response) : answer(request, response);
        Promise.resolve(done).catch((error) => response.writeHead(500).end(String(error)));
    });
    return { issuer, stop: () => server.close() };
}

/// The user whom `login_hint` names is signed in and agrees to everything.
async function consent(provider, request, response) {
    const { params, session } = await provider.interactionDetails(request, response);
    const accountId = session?.accountId ?? params.login_hint;
    const grant = new provider.Grant({ accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    const result = { login: { accountId: params.login_hint }, consent: { grantId: await grant.save() } };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

/// Follows the redirections of a browser from the URL `auth` until it would come back to the application; returns the
/// parameters that it brings.
export async function browse(auth) {
    const cookies = new Map();
    let url = auth;
    for (let hop = 0; hop < 10; hop++) {
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
        const reply = await fetch(url, { redirect: 'manual', headers: { cookie } });
        for (const line of reply.headers.getSetCookie()) {
            const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
            cookies.set(name, value);
        }
        const location = reply.headers.get('location');
        if (!location) {
            throw new Error(`${reply.status} of ${url}: ${await reply.text()}`);
        }
        url = new URL(location, url).href;
        if (url.startsWith(REDIRECT_URL)) {
            return Object.fromEntries(new URL(url).searchParams);
        }
    }
    throw new Error(`more than ten redirections from ${auth}`);
}
