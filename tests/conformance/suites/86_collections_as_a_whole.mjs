// Truncating, scaffolds, trying a view's query, the list of collections under filters, and options of auth collections.

import { VIEWS } from "../generate/definitions.mjs";

/** How many of the changes are followed by a sign-in with the nick. */
const NICK_TRIED = 5;

const text = (name) => ({ type: "text", name });

export async function run(session) {
    const { recorder, superuser, guest } = session;
    for (const [who, client] of Object.entries({ guest, superuser })) {
        await recorder.step(`${who}: scaffolds`, () => client.collections.getScaffolds());
        await recorder.step(`${who}: scaffolds, some fields`, () => client.collections.getScaffolds({ fields: "base.type,auth.fields.name" }));
        await recorder.step(`${who}: tries a query`, () => client.collections.dryRunViewQuery("SELECT id FROM _superusers"));
    }
    await dryRuns(session);
    await lists(session);
    await truncates(session);
    await authOptions(session);
}

async function dryRuns({ recorder, superuser }) {
    await recorder.step("the query reads", () => superuser.collections.create({ name: "dry_source", fields: [text("name"), { type: "number", name: "rank" }, { type: "json", name: "meta" }] }));
    for (const at of [1, 2, 3]) await recorder.step("fill the source", () => superuser.collection("dry_source").create({ id: `dry${at}`.padEnd(15, "0"), name: `name ${at}`, rank: at, meta: [at] }));
    const queries = ["SELECT id, name, rank, meta FROM dry_source", "SELECT id, count(*) AS total FROM dry_source", "SELECT * FROM dry_source WHERE rank > 1", "SELECT id, rank + 1 AS next FROM dry_source", "SELECT id, name FROM dry_source LIMIT 1", ...VIEWS.filter((query) => !query.includes("gen_"))];
    for (const query of queries) await recorder.step(`try ${query}`, () => superuser.collections.dryRunViewQuery(query));
    for (const body of [{}, { query: null }, { query: 5 }, { query: [] }, { query: "SELECT id FROM dry_source", sample: 1 }, []]) {
        await recorder.step(`try the body ${JSON.stringify(body)}`, () => superuser.send("/api/collections/meta/dry-run-view", { method: "POST", body }));
    }
    await recorder.step("nothing is made", () => superuser.collections.getList(1, 1, { filter: "name ~ 'dry_'", fields: "name" }));
}

async function lists({ recorder, superuser, guest }) {
    const filters = [
        "name = 'dry_source'", "name ~ 'dry'", "type = 'view'", "type = 'auth' && system = true", "system = false && name != 'x'", "id = 'pbc_3142635823'", "created > '2001-01-01'", "updated < @now", "listRule = null", "listRule = ''", "fields ~ 'rank'", "indexes ~ 'idx'", "options ~ 'x'", "viewQuery = ''", "nothing = 1", "name", "name = ", "name:lower = 'dry_source'",
        "@request.auth.id != ''", "@collection.dry_source.id != ''", "name = 'a' || (name = 'dry_source' && type = 'base')", "fields.name = 'x'", "name = \"x' OR 1=1 --\"",
    ];
    const paged = { perPage: 500, sort: "name", fields: "name,type" };
    for (const filter of filters) await recorder.step(`list where ${filter}`, () => superuser.collections.getList(1, 500, { ...paged, filter }));
    for (const sort of ["name", "-name", "type,name", "-system,name", "id", "@random", "@rowid", "nothing", "fields", "listRule,name", "options"]) {
        const fields = sort.startsWith("@") || sort === "fields" ? "type:none" : "name";
        await recorder.step(`list sorted by ${sort}`, () => superuser.collections.getList(1, 500, { sort, fields, filter: "system = true" }));
    }
    for (const query of ["page=0", "page=-1", "page=x", "page=99", "perPage=0", "perPage=-1", "perPage=2000", "perPage=x", "skipTotal=1", "skipTotal=x", "fields=", "fields=*", "fields=fields.name:excerpt(2)", "expand=x"]) {
        await recorder.step(`list with ${query}`, () => superuser.send(`/api/collections?sort=name&filter=system%3Dtrue&fields=name&${query}`, {}));
    }
    await recorder.step("a guest lists by a filter", () => guest.collections.getList(1, 5, { filter: "name = 'dry_source'" }));
    await recorder.step("delete the source", () => superuser.collections.delete("dry_source"));
}

async function truncates({ recorder, superuser, guest }) {
    const target = await recorder.step("truncated: create", () => superuser.collections.create({ name: "trunc_target", fields: [text("name")] }));
    const relation = (name, options = {}) => ({ type: "relation", name, collectionId: target?.id, maxSelect: 1, ...options });
    const holders = { plain: [relation("to")], many: [relation("to", { maxSelect: 3 })], cascading: [relation("to", { cascadeDelete: true })], required: [relation("to", { required: true })] };
    for (const [name, fields] of Object.entries(holders)) await recorder.step("truncated: create a holder", () => superuser.collections.create({ name: `trunc_${name}`, fields }));
    await recorder.step("truncated: create an auth collection", () => superuser.collections.create({ name: "trunc_auth", type: "auth" }));
    const fill = async () => {
        for (const at of [0, 1]) {
            const id = `trunc${at}`.padEnd(15, "0");
            await recorder.step("truncated: fill", () => superuser.collection("trunc_target").create({ id, name: `${at}` }));
            for (const name of Object.keys(holders)) await recorder.step("truncated: fill a holder", () => superuser.collection(`trunc_${name}`).create({ id, to: id }));
            await recorder.step("truncated: fill the auth collection", () => superuser.collection("trunc_auth").create({ id, email: `t${at}@example.com`, password: "1234567890", passwordConfirm: "1234567890" }));
        }
    };
    const all = async (label) => {
        for (const name of ["target", ...Object.keys(holders), "auth"]) await recorder.step(`${label}: the records of ${name}`, () => superuser.collection(`trunc_${name}`).getFullList({ sort: "id" }));
    };
    await fill();
    const truncate = async (name, client = superuser) => {
        const label = `${client === guest ? "guest: " : ""}truncate ${name}`;
        await recorder.step(label, () => client.collections.truncate(name));
        await all(label);
    };
    await truncate("trunc_target", guest);
    await truncate("trunc_target");
    await recorder.step("delete the required holder", () => superuser.collections.delete("trunc_required"));
    delete holders.required;
    await truncate("trunc_target");
    await fill();
    await truncate("TRUNC_PLAIN");
    await truncate("trunc_auth");
    await truncate("trunc_none");
    await truncate("_otps");
    await truncate("_externalAuths");
    await recorder.raw("truncate by POST", "POST", "/api/collections/trunc_target/truncate", { headers: { Authorization: superuser.authStore.token } });
    for (const name of [...Object.keys(holders), "auth", "target"]) await recorder.step("truncated: delete", () => superuser.collections.delete(`trunc_${name}`));
}

async function authOptions({ recorder, superuser, newClient }) {
    const fields = [{ type: "text", name: "nick" }];
    const made = await recorder.step("auth: create", () => superuser.collections.create({ name: "opt_auth", type: "auth", fields, authRule: "", indexes: ["CREATE UNIQUE INDEX `idx_opt_nick` ON `opt_auth` (`nick`) WHERE `nick` != ''"] }));
    await recorder.step("auth: fill", () => superuser.collection("opt_auth").create({ id: "optauth00000000", email: "opt@example.com", nick: "opt", password: "1234567890", passwordConfirm: "1234567890" }));
    const own = made?.fields ?? [];
    const edited = (edits) => own.flatMap((field) => (field.name in edits ? (edits[field.name] === null ? [] : [{ ...field, ...edits[field.name] }]) : [field]));
    const bodies = {
        "identity by nick too": { passwordAuth: { enabled: true, identityFields: ["email", "nick"] } }, "the index of an identity field is dropped": { indexes: [] }, "the identity field is removed": { fields: edited({ nick: null }) }, "the identity field is renamed": { fields: edited({ nick: { name: "handle" } }) }, "identity by email only": { passwordAuth: { enabled: true, identityFields: ["email"] } }, "no password": { passwordAuth: { enabled: false } }, "password again": { passwordAuth: { enabled: true } },
        "an auth rule": { authRule: "verified = true" }, "no auth rule": { authRule: "" }, "nobody signs in": { authRule: null }, "everybody signs in": { authRule: "" }, "a manage rule": { manageRule: "id = @request.auth.id" }, "an empty manage rule": { manageRule: "" }, "no manage rule": { manageRule: null }, "a wrong manage rule": { manageRule: "nothing = 1" },
        "tokens of an hour": { authToken: { duration: 3600 } }, "tokens of no time": { authToken: { duration: 0 } }, "tokens for ever": { authToken: { duration: 1e12 } }, "a secret of its own": { authToken: { secret: "x".repeat(50) } }, "a short secret": { authToken: { secret: "x" } }, "a long secret": { authToken: { secret: "x".repeat(300) } }, "no alerts": { authAlert: { enabled: false } },
        "otp": { otp: { enabled: true, duration: 300, length: 8 } }, "otp of 3": { otp: { length: 3 } }, "otp of a second": { otp: { duration: 1 } }, "mfa": { mfa: { enabled: true, duration: 600, rule: "" } }, "mfa by a rule": { mfa: { rule: "verified = true" } }, "mfa by a wrong rule": { mfa: { rule: "nothing = 1" } }, "mfa for a second": { mfa: { duration: 1 } }, "mfa with one method": { otp: { enabled: false } }, "no mfa": { mfa: { enabled: false } },
        "a template without its link": { verificationTemplate: { subject: "Hi", body: "nothing" } }, "a template of its own": { verificationTemplate: { subject: "Hi {APP_NAME}", body: "<p>{APP_URL} {TOKEN}</p>" } }, "an empty template": { resetPasswordTemplate: { subject: "", body: "" } }, "oauth2 without providers": { oauth2: { enabled: true } }, "a provider": { oauth2: { enabled: true, providers: [{ name: "github", clientId: "a", clientSecret: "b" }] } }, "a provider twice": { oauth2: { providers: [{ name: "github", clientId: "a", clientSecret: "b" }, { name: "github", clientId: "a", clientSecret: "b" }] } }, "mapped fields": { oauth2: { mappedFields: { id: "nick", name: "", username: "", avatarURL: "" } } }, "mapped to nothing": { oauth2: { mappedFields: { id: "nothing" } } }, "no oauth2": { oauth2: { enabled: false, providers: [] } },
        "email is removed": { fields: edited({ email: null }) }, "email is renamed": { fields: edited({ email: { name: "mail" } }) }, "email becomes optional": { fields: edited({ email: { required: false } }) }, "email of one domain": { fields: edited({ email: { onlyDomains: ["example.org"] } }) }, "password of twenty": { fields: edited({ password: { min: 20 } }) }, "password is shown": { fields: edited({ password: { hidden: false } }) }, "tokenKey is removed": { fields: edited({ tokenKey: null }) }, "the index of the token key is dropped": { indexes: ["CREATE UNIQUE INDEX `idx_opt_email` ON `opt_auth` (`email`) WHERE `email` != ''"] }, "only its own fields": { fields }, "options of a view": { viewQuery: "SELECT id FROM opt_auth" }, "another name": { name: "opt_members" },
    };
    for (const [at, [label, body]] of Object.entries(bodies).entries()) {
        await recorder.step(`auth: ${label}`, () => superuser.collections.update(made?.id ?? "opt_auth", body));
        await recorder.step(`auth: ${label}: the collection`, () => superuser.collections.getOne(made?.id ?? "opt_auth"));
        // Where it is no identity it is a wrong guess, and of those Backspin takes only a few.
        for (const identity of at < NICK_TRIED ? ["opt@example.com", "opt"] : ["opt@example.com"]) {
            await recorder.step(`auth: ${label}: ${identity} signs in`, () => newClient().collection(made?.id ?? "opt_auth").authWithPassword(identity, "1234567890"));
        }
        await recorder.step(`auth: ${label}: methods`, () => newClient().collection(made?.id ?? "opt_auth").listAuthMethods({ fields: "password,otp,mfa" }));
    }
    await recorder.step("auth: delete", () => superuser.collections.delete(made?.id ?? "opt_auth"));
    for (const [label, body] of Object.entries({ "a field": { fields: [{ type: "text", name: "nick" }] }, "a rule": { listRule: "" }, "another name": { name: "bosses" }, "an auth rule": { authRule: "id = ''" }, "no password": { passwordAuth: { enabled: false } } })) {
        await recorder.step(`superusers: ${label}`, () => superuser.collections.update("_superusers", body));
    }
    for (const name of ["_externalAuths", "_mfas", "_otps", "_authOrigins"]) {
        await recorder.step(`${name}: view`, () => superuser.collections.getOne(name));
        await recorder.step(`${name}: a rule`, () => superuser.collections.update(name, { listRule: "id = 'x'" }));
        await recorder.step(`${name}: a field`, () => superuser.collections.update(name, { fields: [{ type: "text", name: "more" }] }));
        await recorder.step(`${name}: delete`, () => superuser.collections.delete(name));
    }
}
