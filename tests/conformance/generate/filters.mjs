// Random filters: right ones of every form that the language has.

import { DATES, JSONS, NUMBERS, TEXTS, idsOf } from "./records.mjs";
import { PATHS } from "./paths.mjs";

const OPERATORS = ["=", "!=", ">", ">=", "<", "<=", "~", "!~"];
const MACROS = [
    "@now", "@yesterday", "@tomorrow", "@todayStart", "@todayEnd", "@monthStart", "@monthEnd", "@yearStart", "@yearEnd",
    "@month", "@year", "@weekday", "@day",
];
const IDS = ["members", "teams", "projects", "tasks"].flatMap(idsOf);
const PATTERNS = ["a", "A", "%", "_", "a%", "%a", "\\%", "1", "lph", "ü", "Ü", "'", '"', "", "@", "e_t", "%t_st%", "\\", "n"];

/** A filter on `collection` of at most `depth` nested groups. */
export function filter(draw, collection, depth = 2) {
    const terms = draw.many(draw.weighted([[5, 1], [3, 2], [1, 3], [0.3, 5]]), () => term(draw, collection, depth));
    return terms.reduce((text, next) => `${text}${space(draw)}${draw.pick(["&&", "||"])}${space(draw)}${next}`);
}

function term(draw, collection, depth) {
    if (depth > 0 && draw.chance(0.15)) return `(${filter(draw, collection, depth - 1)})`;
    return comparison(draw, collection);
}

function space(draw) {
    return draw.weighted([[20, " "], [2, ""], [1, "  "], [1, "\n"], [1, " // a comment\n"]]);
}

/** One comparison; of a path with a value in most cases. */
export function comparison(draw, collection) {
    const kind = draw.pick(Object.keys(PATHS[collection]));
    const path = () => draw.pick(PATHS[collection][kind]);
    const [left, right, operators = kind] = draw.weighted([
        [16, () => [path(), constant(draw, kind)]],
        [3, () => [path(), constant(draw, draw.pick(KINDS))]],
        [2, () => [constant(draw, kind), path()]],
        [2, () => [path(), path()]],
        [1, () => [path(), draw.pick(PATHS[collection][draw.pick(Object.keys(PATHS[collection]))])]],
        [1, () => [constant(draw, kind), constant(draw, draw.pick(KINDS))]],
        // Not `~`: it would compare the digits of a number that each server computes in its own way.
        [1, () => [distance(draw, collection), String(draw.pick([0, 1, 500, 880, 9000])), "number"]],
        [1, () => [formatted(draw, collection), quoted(draw, draw.pick(["2024", "05", "1", "2023-12-31", ""]))]],
        [1, () => [draw.pick(PATHS[collection].date), draw.pick(MACROS)]],
    ])();
    return `${left}${gap(draw)}${operator(draw, operators)}${gap(draw)}${right}`;
}

function gap(draw) {
    return draw.chance(0.9) ? " " : "";
}

function operator(draw, kind) {
    const plain = kind === "number" || kind === "date" ? draw.pick(OPERATORS.slice(0, 6)) : draw.pick(OPERATORS);
    return (draw.chance(0.25) ? "?" : "") + plain;
}

const KINDS = ["text", "number", "bool", "date", "json", "select", "relation", "pattern"];

function constant(draw, kind) {
    if (draw.chance(0.06)) return draw.pick(["null", "''", '""', "true", "false", "0"]);
    switch (kind) {
        case "number":
            return draw.chance(0.85) ? String(draw.pick(NUMBERS)) : quoted(draw, String(draw.pick(NUMBERS)));
        case "bool":
            return draw.pick(["true", "false", "1", "0", "'true'", "'false'"]);
        case "date":
            return quoted(draw, draw.chance(0.7) ? draw.pick(DATES) : draw.pick(["2024", "2024-05", "2024-05-06 07", "x", "2024-05-06T07:08:09Z"]));
        case "json": {
            const value = draw.pick(JSONS);
            return typeof value === "number" || typeof value === "boolean" || value === null ? String(value) : quoted(draw, typeof value === "string" ? value : JSON.stringify(value));
        }
        case "select":
            return quoted(draw, draw.pick(["red", "green", "blue", "grün", "a b", "1", "fun", "work", "admin", "editor", "r", ""]));
        case "relation":
            return quoted(draw, draw.chance(0.9) ? draw.pick(IDS) : draw.pick(["", "nobody", "m"]));
        default:
            return quoted(draw, draw.chance(0.6) ? draw.pick(TEXTS) : draw.pick(PATTERNS));
    }
}

/** Text as a literal of the language. A backslash stays as it is, as there is no other escape than that of a quote. */
export function quoted(draw, text) {
    const quote = draw.pick(["'", '"']);
    return quote + text.replaceAll("\n", " ").replaceAll(quote, `\\${quote}`) + quote;
}

function distance(draw, collection) {
    const places = { gen_teams: "place", gen_projects: "team.place", gen_totals: "team.place" };
    const place = places[collection];
    const [lon, lat] = place ? [`${place}.lon`, `${place}.lat`] : [draw.pick(["13.4", "0", "-74"]), draw.pick(["52.5", "0", "40.7"])];
    return `geoDistance(${lon}, ${lat}, ${draw.pick(["2.35", "13.405", "180", "-0.1"])}, ${draw.pick(["48.85", "52.52", "-16", "51.5"])})`;
}

function formatted(draw, collection) {
    const format = draw.pick(["%Y", "%m", "%Y-%m-%d", "%H:%M", "%w", "%j", "%s"]);
    const time = draw.chance(0.8) ? draw.pick(PATHS[collection].date) : "'2024-05-06 07:08:09'";
    const change = draw.chance(0.2) ? draw.pick([", '+1 day'", ", 'start of month'", ", '-1 year', 'start of year'"]) : "";
    return `strftime('${format}', ${time}${change})`;
}
