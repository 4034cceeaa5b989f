// Sign-in with a real OpenID provider, whole flows and attacks, against the server at the URL that is the first argument.
// The second is the port for the provider, which the server must be allowed to reach; the third and fourth are a
// superuser's email and password. Ends with status 0 if everything is as it should be.

import assert from 'node:assert/strict';

import { browse, CLIENT_ID, CLIENT_SECRET, OTHER_CLIENT_ID, REDIRECT_URL, start } from './provider.mjs';

const [server, port, email, password] = process.argv.slice(2);
const PASSWORD = 'correct horse';
const COLLECTION = 'people';

const users = {
    ann: { email: 'ann@example.com', email_verified: true, name: 'Ann Lee', preferred_username: 'ann' },
    eve: { email: 'eve@example.com', email_verified: true, name: 'Eve', preferred_username: 'ann' },
    vic: { email: 'victim@example.com', email_verified: true, name: 'Vic' },
    unsure: { email: 'ann@example.com', email_verified: false, name: 'Not Ann' },
    heir: { email: 'ann@example.com', email_verified: true, name: 'Who has the address of Ann now' },
};
const provider = await start(users, Number(port));

async function send(method, path, body, token) {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: token }) };
    const reply = await fetch(server + path, { method, headers, body: body && JSON.stringify(body) });
    const text = await reply.text();
    return { status: reply.status, body: text && JSON.parse(text) };
}

const of = (path) => `/api/collections/${COLLECTION}/${path}`;
const signIn = (body, token) => send('POST', of('auth-with-oauth2'), body, token);
const byPassword = (identity, secret) => send('POST', of('auth-with-password'), { identity, password: secret });
const register = (address) =>
    send('POST', of('records'), { email: address, password: PASSWORD, passwordConfirm: PASSWORD });

/// What a client brings back after the user has signed in at the provider.
async function begin(user, change = (url) => url) {
    const [method] = (await send('GET', of('auth-methods'))).body.oauth2.providers;
    const url = change(method.authURL + encodeURIComponent(REDIRECT_URL) + '&login_hint=' + user);
    const { code, state } = await browse(url);
    // Wrong states never come this far: comparing them is the client's work, and the SDK does it.
    assert.equal(state, method.state);
    return { provider: 'oidc', code, codeVerifier: method.codeVerifier, redirectURL: REDIRECT_URL };
}

function refused(reply, message) {
    assert.deepEqual([reply.status, reply.body.message], [400, message]);
}

const root = (await send('POST', '/api/collections/_superusers/auth-with-password', { identity: email, password })).body.token;

async function settings(providerSettings) {
    const oidc = {
        name: 'oidc',
        clientId: CLIENT_ID,
        clientSecret: CLIENT_SECRET,
        authURL: `${provider.issuer}/auth`,
        tokenURL: `${provider.issuer}/token`,
        userInfoURL: `${provider.issuer}/me`,
        ...providerSettings,
    };
    const reply = await send('PATCH', `/api/collections/${COLLECTION}`, { oauth2: { enabled: true, providers: [oidc] } }, root);
    assert.equal(reply.status, 200, JSON.stringify(reply.body));
}

const made = await send('POST', '/api/collections', {
    name: COLLECTION,
    type: 'auth',
    createRule: '',
    authAlert: { enabled: false },
    fields: [{ name: 'nick', type: 'text' }, { name: 'color', type: 'text' }],
    indexes: [`CREATE UNIQUE INDEX idx_people_nick ON ${COLLECTION} (nick) WHERE nick != ''`],
    oauth2: { mappedFields: { username: 'nick' } },
}, root);
assert.equal(made.status, 200, JSON.stringify(made.body));
await settings({});

const flows = {
    async 'a new user gets a verified account, and the same one again'() {
        const first = (await signIn({ ...(await begin('ann')), createData: { color: 'red' } })).body;
        assert.deepEqual([first.meta.isNew, first.meta.id, first.meta.rawUser.name], [true, 'ann', 'Ann Lee']);
        assert.deepEqual([first.record.email, first.record.verified], ['ann@example.com', true]);
        assert.deepEqual([first.record.nick, first.record.color], ['ann', 'red']);
        const again = (await signIn({ ...(await begin('ann')), createData: { color: 'blue' } })).body;
        assert.deepEqual([again.meta.isNew, again.record.id, again.record.color], [false, first.record.id, 'red']);
        assert.equal((await send('POST', of('auth-refresh'), {}, again.token)).status, 200);
    },
    async 'a user name that somebody has is left out'() {
        assert.equal((await signIn(await begin('eve'))).body.record.nick, '');
    },
    async 'a code is good once'() {
        const back = await begin('ann');
        assert.equal((await signIn(back)).status, 200);
        refused(await signIn(back), 'Failed to fetch OAuth2 token.');
    },
    async 'a stolen code is no use without the verifier'() {
        const back = await begin('ann');
        refused(await signIn({ ...back, codeVerifier: '' }), 'Failed to fetch OAuth2 token.');
        const other = await begin('eve');
        refused(await signIn({ ...(await begin('ann')), codeVerifier: other.codeVerifier }), 'Failed to fetch OAuth2 token.');
    },
    async 'an email that the provider has not verified opens no account'() {
        const reply = await signIn(await begin('unsure'));
        assert.deepEqual([reply.status, reply.body.data.email.code], [400, 'validation_required']);
    },
    async 'an email that has passed to somebody else at the provider opens no account'() {
        const ann = (await signIn(await begin('ann'))).body;
        for (const token of [undefined, ann.token]) {
            const reply = await signIn(await begin('heir'), token);
            assert.deepEqual([reply.status, reply.body.message], [400, 'Failed to authenticate.']);
            assert.deepEqual(Object.keys(reply.body.data).sort(), ['collectionRef', 'provider', 'recordRef']);
        }
        assert.equal((await signIn(await begin('ann'))).body.record.id, ann.record.id);
    },
    async 'an account that an attacker has made with the email of a victim is taken back'() {
        await register('victim@example.com');
        const attacker = (await byPassword('victim@example.com', PASSWORD)).body;
        assert.equal((await signIn(await begin('eve'), attacker.token)).status, 200);
        const victim = (await signIn(await begin('vic'))).body;
        assert.deepEqual([victim.record.id, victim.record.verified], [attacker.record.id, true]);
        assert.equal((await byPassword('victim@example.com', PASSWORD)).status, 400);
        assert.equal((await send('POST', of('auth-refresh'), {}, attacker.token)).status, 401);
        assert.notEqual((await signIn(await begin('eve'))).body.record.id, victim.record.id);
    },
    async 'who is signed in links a provider, and unlinks it'() {
        await register('link@example.com');
        const { token, record } = (await byPassword('link@example.com', PASSWORD)).body;
        users.link = { email: 'elsewhere@example.com', email_verified: true };
        const linked = (await signIn(await begin('link'), token)).body;
        assert.deepEqual([linked.record.id, linked.record.email], [record.id, 'link@example.com']);
        const links = (await send('GET', '/api/collections/_externalAuths/records', undefined, linked.token)).body.items;
        assert.deepEqual(links.map((link) => [link.provider, link.providerId]), [['oidc', 'link']]);
        const unlink = `/api/collections/_externalAuths/records/${links[0].id}`;
        assert.equal((await send('DELETE', unlink)).status, 404);
        assert.equal((await send('DELETE', unlink, undefined, linked.token)).status, 204);
        assert.notEqual((await signIn(await begin('link'))).body.record.id, record.id);
    },
    async 'an id_token is checked by the keys of the provider'() {
        const jwksURL = `${provider.issuer}/jwks`;
        await settings({ userInfoURL: '', extra: { jwksURL, issuers: [provider.issuer] } });
        assert.equal((await signIn(await begin('ann'))).body.meta.rawUser.aud, CLIENT_ID);
        await settings({ userInfoURL: '', extra: { jwksURL, issuers: ['https://other.example'] } });
        refused(await signIn(await begin('ann')), 'Failed to fetch OAuth2 user.');
    },
    async 'an id_token of another sign-in is refused'() {
        await settings({ userInfoURL: '', extra: { jwksURL: `${provider.issuer}/jwks`, issuers: [provider.issuer] } });
        const swapped = await begin('ann', (url) => url.replace(/nonce=[^&]+/, 'nonce=of-another-sign-in'));
        refused(await signIn(swapped), 'Failed to fetch OAuth2 user.');
    },
    async 'a code for another client is refused'() {
        await settings({});
        const stolen = await begin('ann', (url) => url.replace(`client_id=${CLIENT_ID}`, `client_id=${OTHER_CLIENT_ID}`));
        refused(await signIn(stolen), 'Failed to fetch OAuth2 token.');
    },
    async 'a provider is set up from its issuer alone'() {
        const discover = (issuer, token) => send('POST', '/api/collections/meta/oauth2-discovery', { issuer }, token);
        const { status, body: found } = await discover(provider.issuer, root);
        assert.deepEqual([status, found.extra.issuers, found.pkce], [200, [provider.issuer], true]);
        const oidc = { name: 'oidc', clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, ...found };
        const saved = await send('PATCH', `/api/collections/${COLLECTION}`, { oauth2: { enabled: true, providers: [oidc] } }, root);
        assert.equal(saved.status, 200, JSON.stringify(saved.body));
        assert.equal((await signIn(await begin('ann'))).body.record.email, 'ann@example.com');
        const swapped = await begin('ann', (url) => url.replace(/nonce=[^&]+/, 'nonce=of-another-sign-in'));
        refused(await signIn(swapped), 'Failed to fetch OAuth2 user.');

        assert.equal((await discover(provider.issuer)).status, 401);
        const code = async (issuer) => (await discover(issuer, root)).body.data.issuer.code;
        // The same document, but another issuer than the one that it names.
        assert.equal(await code(`${provider.issuer}/`), 'validation_invalid_discovery');
        assert.equal(await code(`${provider.issuer}/elsewhere`), 'validation_unreachable');
        const denied = (await discover('https://id.example.com', root)).body.data.issuer;
        assert.equal(denied.code, 'validation_host_not_allowed');
        assert.match(denied.message, /oauth2_origin=https:\/\/id\.example\.com/);
    },
    async 'a provider that does not answer is told as one'() {
        await settings({ tokenURL: `${provider.issuer}/nothing` });
        refused(await signIn(await begin('ann')), 'Failed to fetch OAuth2 token.');
        await settings({ userInfoURL: `${provider.issuer}/nothing` });
        refused(await signIn(await begin('ann')), 'Failed to fetch OAuth2 user.');
    },
};

let failed = 0;
for (const [name, flow] of Object.entries(flows)) {
    try {
        await flow();
        console.log(`ok: ${name}`);
    } catch (error) {
        failed += 1;
        console.log(`FAILED: ${name}: ${error.stack}`);
    }
}
provider.stop();
process.exit(failed ? 1 : 0);
