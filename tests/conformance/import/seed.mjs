// Fills a new PocketBase with what an import has to bring: every type of field, many records, accounts, views.

export const EMAIL = "root@example.com";
export const PASSWORD = "correct-horse-battery";

const BATCH = 500;
const MEMBERS = 20;

/** Returns what a client knows afterwards: `tokens` by name, `passwords` as [collection, identity, password], `ids`. */
export async function seed(client, records, hasGeoPoints) {
    const { token: root } = await client.collection("_superusers").authWithPassword(EMAIL, PASSWORD);
    await client.settings.update({ batch: { enabled: true, maxRequests: BATCH, timeout: 60 }, meta: { appName: "Moving" } });
    await client.collection("_superusers").create({ email: "second@example.com", password: PASSWORD, passwordConfirm: PASSWORD });
    const members = await client.collections.create(MEMBERS_COLLECTION);
    const ids = [];
    for (let number = 0; number < MEMBERS; number++) {
        const member = await client.collection("moving_members").create({
            email: `member${number}@example.com`, password: `secret-${number}`, passwordConfirm: `secret-${number}`,
            nick: `nick${number}`, emailVisibility: number % 2 === 0, verified: number % 3 === 0,
        });
        ids.push(member.id);
        await client.collection("_externalAuths").create({ collectionRef: members.id, recordRef: member.id, provider: "gitlab", providerId: `p${number}` });
    }
    await client.collections.create(archive(members.id, hasGeoPoints));
    await client.collections.update("moving_archive", { fields: await withItself(client) });
    await client.collections.create(BY_KIND);
    await client.collections.create(BUSY_KINDS);
    for (let first = 0; first < records; first += BATCH) {
        const batch = client.createBatch();
        for (let number = first; number < Math.min(first + BATCH, records); number++) batch.collection("moving_archive").create(item(number, ids));
        await batch.send();
    }
    for (let number = 0; number < 5; number++) {
        const picture = new File([`<svg>${number}</svg>`], `picture${number}.svg`, { type: "image/svg+xml" });
        await client.collection("moving_archive").update(idOf(number), { one_file: picture, files: [picture, picture] });
    }
    const collections = (await client.collections.getFullList()).map(({ name }) => name);
    const { token: member } = await client.collection("moving_members").authWithPassword("member1@example.com", "secret-1");
    return {
        tokens: { guest: "", member, root },
        passwords: [["moving_members", "member1@example.com", "secret-1"], ["moving_members", "member2@example.com", "secret-2"], ["_superusers", "second@example.com", PASSWORD]],
        collections,
        records,
        ids,
    };
}

/** The id of a record by its number. */
export function idOf(number) {
    return `item${String(number).padStart(11, "0")}`;
}

const MEMBERS_COLLECTION = {
    name: "moving_members",
    type: "auth",
    listRule: "id = @request.auth.id || emailVisibility = true",
    viewRule: "",
    authAlert: { enabled: false },
    passwordAuth: { enabled: true, identityFields: ["email", "nick"] },
    fields: [{ name: "nick", type: "text" }, { name: "created", type: "autodate", onCreate: true }],
    indexes: ["CREATE UNIQUE INDEX moving_nick ON moving_members (nick) WHERE nick != ''"],
};

function archive(members, hasGeoPoints) {
    const kinds = ["red", "green", "blue", "white"];
    return {
        name: "moving_archive",
        type: "base",
        listRule: "hidden_flag = false || owner = @request.auth.id",
        viewRule: "@request.auth.id != '' || number < 50",
        fields: [
            { name: "text", type: "text", presentable: true },
            { name: "number", type: "number" },
            { name: "hidden_flag", type: "bool" },
            { name: "secret", type: "text", hidden: true },
            { name: "mail", type: "email" },
            { name: "link", type: "url" },
            { name: "html", type: "editor" },
            { name: "day", type: "date" },
            { name: "kind", type: "select", values: kinds },
            { name: "kinds", type: "select", values: kinds, maxSelect: 3 },
            { name: "owner", type: "relation", collectionId: members },
            { name: "readers", type: "relation", collectionId: members, maxSelect: 5 },
            { name: "one_file", type: "file" },
            { name: "files", type: "file", maxSelect: 3 },
            { name: "data", type: "json" },
            { name: "lock", type: "password" },
            ...(hasGeoPoints ? [{ name: "place", type: "geoPoint" }] : []),
            { name: "created", type: "autodate", onCreate: true },
            { name: "updated", type: "autodate", onCreate: true, onUpdate: true },
        ],
        indexes: [
            "CREATE INDEX `moving_number` ON `moving_archive` (`number`, `kind`)",
            "create unique index moving_text on moving_archive (text collate nocase) where text <> ''",
        ],
    };
}

/** A relation to the collection itself can only be added once there is one. */
async function withItself(client) {
    const { id, fields } = await client.collections.getOne("moving_archive");
    return [...fields, { name: "next", type: "relation", collectionId: id }];
}

const BY_KIND = {
    name: "moving_by_kind",
    type: "view",
    listRule: "",
    viewRule: "",
    viewQuery: "SELECT (kind || '-' || owner) AS id, kind, owner, count(*) AS total, max(number) AS most FROM moving_archive GROUP BY kind, owner",
};

const BUSY_KINDS = {
    name: "moving_busy",
    type: "view",
    listRule: "@request.auth.id != ''",
    viewRule: null,
    viewQuery: "SELECT id, kind, total FROM moving_by_kind WHERE total > 1",
};

const JSONS = [null, true, 5, 1.5, "text", "", [1, "two", null], { a: { b: [1, 2] }, "ü": "<&>" }, [], {}];
const TEXTS = ["", "plain", "Ünïcode \u{1F600}", "line\nbreak \"quoted\" \\ back", "<b>&amp;</b>", "'; DROP TABLE x; --"];

function item(number, members) {
    const pick = (list, step = 1) => list[(number * step) % list.length];
    const kinds = ["", "red", "green", "blue", "white"];
    return {
        id: idOf(number),
        text: `${pick(TEXTS)} ${number}`,
        number: [number, -number / 8, number * 1e9, 0.1 + number][number % 4],
        hidden_flag: number % 5 === 0,
        secret: `hidden ${number}`,
        mail: number % 3 ? `mail${number}@example.com` : "",
        link: number % 4 ? `https://example.com/${number}?a=b&c=%20` : "",
        html: `<p>${pick(TEXTS, 5)}</p>`,
        day: number % 6 ? new Date(Date.UTC(2000, 0, 1) + number * 86_400_123).toISOString() : "",
        kind: pick(kinds),
        kinds: kinds.slice(1).filter((_, at) => (number >> at) & 1).slice(0, 3),
        owner: number % 7 ? pick(members, 3) : "",
        readers: members.filter((_, at) => (number + at) % 9 === 0).slice(0, 5),
        data: pick(JSONS),
        lock: number < 20 ? "locked-away" : "",
        place: number % 2 ? { lon: (number % 360) - 180 + 0.25, lat: (number % 180) - 90 } : undefined,
        next: number ? idOf(number - 1) : "",
    };
}
