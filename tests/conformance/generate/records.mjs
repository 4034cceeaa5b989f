// The records that fill the generated collections: with ids of their own, so that they are equal on both servers.

export const PASSWORD = "correct-horse-battery";

const COUNTS = { members: 12, teams: 8, projects: 30, tasks: 90, comments: 120, vault: 16 };

/** Texts that people write, and those that break things. */
export const TEXTS = [
    "", "a", "Alpha", "alpha", "Beta test", "100%", "50% off", "under_score", "quo'te", 'double "quote"', "back\\slash",
    "ümläut ß", "Ünder", "日本語", "👩‍🚀 up", "true", "null", "0", "12", "-3.5", "1e3", "2024-05-06", "line\nbreak", "tab\there",
    " padded ", "a b c", "[1,2]", '{"a":1}', "--", "/* x */", "(a)", "@now", "long ".repeat(9).trim(),
];
export const NUMBERS = [0, 1, -1, 2, 3, 7, 10, 12, 50, 99, 100, 0.5, -2.25, 1e6, 123456.789];
export const DATES = [
    "", "2023-12-31 23:59:59.999Z", "2024-01-01 00:00:00.000Z", "2024-02-29 12:30:00.000Z", "2024-05-06 07:08:09.100Z",
    "2025-01-01 00:00:00.000Z", "2030-06-15 10:00:00.000Z", "2001-01-01 00:00:00.000Z",
];
export const JSONS = [
    null, "", "text", 0, 5, 1.5, true, false, [], {}, [1, 2, 3], ["a", "b"], [null], { a: 1 }, { a: { b: "deep" } },
    { a: [{ b: 1 }, { b: 2 }] }, { "key with space": 1, list: [] }, { a: null }, { n: "12" }, ["alpha", { a: "x" }], { a: "1" },
];
const PLACES = [
    { lon: 0, lat: 0 }, { lon: 13.405, lat: 52.52 }, { lon: 2.3522, lat: 48.8566 }, { lon: -74.006, lat: 40.7128 },
    { lon: 179.9, lat: -16.5 }, { lon: -179.9, lat: -16.5 }, { lon: 0, lat: 90 }, { lon: 151.2093, lat: -33.8688 },
];

/** The id of the record `at` of a collection: `recordId("tasks", 3)`. */
export const recordId = (name, at) => `${name.slice(0, 4)}${String(at).padStart(11, "0")}`;
export const idsOf = (name) => Array.from({ length: COUNTS[name] }, (_, at) => recordId(name, at));
export const emailOf = (at) => `member${at}@example.com`;

/** `[collection, records]` in the order in which they can be stored. */
export function records(random) {
    const made = [];
    for (const [name, count] of Object.entries(COUNTS)) {
        const draw = random.for(name);
        made.push([`gen_${name}`, draw.many(count, (at) => ({ id: recordId(name, at), ...MAKE[name](draw, at) }))]);
    }
    return made;
}

const someIds = (draw, name, max) => draw.some(idsOf(name), draw.below(max + 1));
const maybeId = (draw, name) => (draw.chance(0.8) ? draw.pick(idsOf(name)) : "");
/** One of the records stored before this one, or none. */
const earlier = (draw, name, at) => (at > 0 && draw.chance(0.6) ? recordId(name, draw.below(at)) : "");

const MAKE = {
    members: (draw, at) => ({
        email: emailOf(at),
        emailVisibility: draw.chance(0.4),
        verified: draw.chance(0.5),
        password: PASSWORD,
        passwordConfirm: PASSWORD,
        name: draw.pick(TEXTS),
        rank: draw.pick(NUMBERS),
        roles: draw.some(["admin", "editor", "viewer"], at === 0 ? 0 : draw.below(3)),
        phone: `+49 ${draw.below(1000)}`,
        boss: earlier(draw, "members", at),
    }),
    teams: (draw) => ({
        name: draw.pick(TEXTS.filter((text) => text !== "" && text.length < 40)),
        public: draw.chance(0.5),
        lead: maybeId(draw, "members"),
        members: someIds(draw, "members", 5),
        place: draw.pick(PLACES),
        secret: draw.pick(TEXTS),
    }),
    projects: (draw, at) => ({
        title: `${draw.pick(TEXTS)} ${at}`.slice(0, 50),
        kind: draw.pick(["", "fun", "work", "other"]),
        tags: draw.some(["red", "green", "blue", "grün", "a b", "1"], draw.below(5)),
        team: maybeId(draw, "teams"),
        parent: earlier(draw, "projects", at),
        budget: draw.pick(NUMBERS.filter((number) => number >= -1000)),
        starts: draw.pick(DATES),
        meta: draw.pick(JSONS),
    }),
    tasks: (draw, at) => ({
        title: draw.pick(TEXTS),
        code: `T-${String(at).padStart(6, "0")}`,
        done: draw.chance(0.4),
        effort: draw.below(40),
        due: draw.pick(DATES),
        labels: draw.pick(JSONS),
        notes: draw.chance(0.5) ? `<p>${draw.pick(TEXTS)}</p><b>${draw.pick(TEXTS)} &amp; more</b>` : "",
        link: draw.pick(["", "https://example.com/a?b=c", "http://localhost:80/x"]),
        contact: draw.pick(["", "a@example.com", "b.c@example.org"]),
        project: maybeId(draw, "projects"),
        owner: maybeId(draw, "members"),
        assignees: someIds(draw, "members", 4),
        blocked_by: at > 3 ? draw.some(idsOf("tasks").slice(0, at), draw.below(3)) : [],
    }),
    comments: (draw, at) => ({
        text: draw.pick(TEXTS.filter((text) => text !== "")),
        score: draw.pick(NUMBERS),
        task: draw.pick(idsOf("tasks")),
        author: maybeId(draw, "members"),
        reply_to: earlier(draw, "comments", at),
        likes: someIds(draw, "members", 5),
    }),
    vault: (draw, at) => ({
        label: draw.pick(TEXTS),
        member: recordId("members", at % COUNTS.members),
        team: [draw.pick(idsOf("teams"))],
        amount: draw.pick(NUMBERS),
    }),
};
