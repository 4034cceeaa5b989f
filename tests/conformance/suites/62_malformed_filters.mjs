// Filters that are wrong, or nearly: broken texts, unknown and guarded names, too much of everything.

import { filter, quoted } from "../generate/filters.mjs";
import { ODD_PATHS, PATHS } from "../generate/paths.mjs";

const BROKEN = 250;
const PIECES = ["(", ")", "'", '"', "&&", "||", "&", "|", "=", "?", "!", "~", ">", "<", "\\", "@", ":", ".", ",", " ", "//", "0", "-", "+", "x", "\t", "\u00a0", "\0", "ß"];
const WHOLE = [
    " ", "\n", "1", "'a'", "title", "title =", "= 1", "title = ", "title == 1", "title = 1 title = 2", "title = 1 &&", "&& title = 1",
    "title = 1 & title = 2", "title = 1 and title = 2", "title = 1 AND title = 2", "not title = 1", "!(title = 1)", "(title = 1", "title = 1)", "()", "(())",
    "title = 'a", 'title = "a', "title = a'", "title = 'a' 'b'", "title in ('a')", "title like 'a'", "title is null", "title = null", "title = NULL", "title = Null",
    "done = TRUE", "done = True", "effort = 1.", "effort = .5", "effort = 1e3", "effort = 1_000", "effort = 0x10", "effort = +1", "effort = -1", "effort = --1", "effort = - 1",
    "effort = 00012", "effort = 1.2.3", "effort = Infinity", "effort = NaN", "1 = 1", "1=2", "'a'='a'", "null = null", "null != ''", "true = 1", "true = true", "'true' = true",
    "title ?? 'a'", "title ?! 'a'", "title !? 'a'", "title ?=? 'a'", "title <> 'a'", "title => 1", "title =< 1", "title !~~ 'a'", "title ?~~ 'a'", "title = title = title",
    "((((title = 1))))", "(title = 1) = 1", "title = (1)", "title = 1 // comment", "// comment", "// a\ntitle = 1", "title = 1 /* a */", "title = 1; drop table gen_tasks", "title = 1 -- x",
    "geoDistance(1,2,3,4) > 0", "geoDistance(1,2,3) > 0", "geoDistance(1,2,3,4,5) > 0", "geoDistance() > 0", "geoDistance('a',2,3,4) > 0", "geoDistance(null,2,3,4) > 0",
    "geoDistance(title,2,3,4) > 0", "geoDistance(nothing,2,3,4) > 0", "geodistance(1,2,3,4) > 0", "geoDistance (1,2,3,4) > 0", "geoDistance(1,2,3,4)", "geoDistance(geoDistance(1,2,3,4),2,3,4) > 1",
    "geoDistance(1,2,3,4 > 0", "geoDistance(@now,2,3,4) > 0", "nothing(1) = 1", "length(title) > 1", "lower(title) = 'a'",
    "strftime('%Y') > 1", "strftime() = 1", "strftime('%Y', due) = '2024'", "strftime(due, '%Y') = '2024'", "strftime('%Y', due, due) = 1", "strftime('%Y', 'x') = ''", "strftime(1, 2) = 1",
    "strftime('%Y', @now) = @year", "strftime('%Y', '2024-01-01', '+1 year', '+1 year', '+1 year', '+1 year', '+1 year', '+1 year', '+1 year', '+1 year', '+1 year') = 1", "strftime('%Q', due) = ''",
    "@now > 1", "@nothing = 1", "@Now > 1", "@now() > 1", "@second < 60", "@minute < 60", "@hour < 24", "@weekday <= 6", "@year > 2000", "@month = @month", "@now > '2020-01-01'", "@tomorrow > @yesterday",
];

export async function run({ recorder, guest, superuser, random }) {
    const ask = (client, who, text) =>
        recorder.step(`${who}: ${text.slice(0, 200)}`, () =>
            client.collection("gen_tasks").getList(1, 200, { filter: text, sort: "id", fields: "id" }),
        );
    for (const text of WHOLE) await ask(superuser, "superuser", text);
    for (const path of ODD_PATHS) {
        for (const text of [`${path} = 'a'`, `id = ${path}`, `${path} ?!= ''`, `${path} > 0 || id != ''`]) {
            await ask(superuser, "superuser", text);
            await ask(guest, "guest", text);
        }
    }
    for (const text of oversized()) await ask(superuser, "superuser", text);
    for (let at = 0; at < BROKEN; at++) await ask(superuser, "superuser", broken(random));
    for (const at of [0, 1, 2]) await ask(superuser, "superuser", `title = ${quoted(random, PIECES[at])}`);
}

/** A right filter with one to three characters taken out, put in or replaced. */
function broken(draw) {
    let text = filter(draw, draw.pick(Object.keys(PATHS).slice(3, 4)), 1);
    for (let times = draw.between(1, 3); times > 0; times--) {
        const at = draw.below(text.length + 1);
        text = text.slice(0, at) + (draw.chance(0.7) ? draw.pick(PIECES) : "") + text.slice(at + draw.below(2));
    }
    return text;
}

function oversized() {
    const terms = (count) => Array(count).fill("done=true").join("||");
    return [
        terms(199), terms(200), terms(201), terms(340), `title = '${"x".repeat(3480)}'`, `title = '${"x".repeat(3491)}'`, `title = '${"x".repeat(3600)}'`,
        `title = '${"ß".repeat(1800)}'`, `${"(".repeat(20)}done = true${")".repeat(20)}`, `${"(".repeat(200)}done = true${")".repeat(200)}`, "(".repeat(3000), ")".repeat(3000),
        `owner.boss${".boss".repeat(5)}.name = 'a'`, `owner.boss${".boss".repeat(20)}.name = 'a'`, `labels${".a".repeat(200)} = 'a'`,
        `title ~ '${"%a".repeat(100)}'`, `title ~ '${"%".repeat(2000)}'`,
    ];
}
