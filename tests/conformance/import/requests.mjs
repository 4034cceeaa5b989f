// What both servers are asked: every record once, and a sample in all the ways that records can be read.

import { idOf } from "./seed.mjs";

const PAGE = 1000;
const FILTERS = [
    "number > 10 && kind = 'red'",
    "text ~ 'quoted'",
    "kinds ?= 'green' && readers:length > 1",
    "day >= '2000-06-01' && day < '2010-01-01'",
    "owner.nick = 'nick3' || next.owner.nick = 'nick4'",
    "data.a.b:length = 2",
    "data = null",
    "mail = '' && link != ''",
    "geoDistance(place.lon, place.lat, 10, 10) < 800",
    "readers.nick ?~ 'nick1' && hidden_flag = true",
    "next.number > 3 && next.next.kind = 'blue'",
    "secret ~ 'hidden 1'",
    "created <= @now && updated >= created",
];
const SORTS = ["-number,id", "kind,-text,id", "@rowid", "-day,id", "owner.nick,id", "-created,-@rowid"];
const EXPANDS = ["owner", "readers,next", "next.next.owner", "moving_archive_via_next"];
const FIELDS = ["id,text:excerpt(8,true)", "*,expand.owner.nick", "data.a,place.lon,collectionName"];

/** A list of `[who, token, path]`. Definitions are left out where PocketBase changes them when it brings a folder up to date. */
export function requests({ tokens, collections, records, ids }, withDefinitions) {
    const all = [];
    const ask = (who, path, query = {}) => all.push([who, tokens[who], `/api/collections/${path}?${new URLSearchParams(query)}`]);
    if (withDefinitions) all.push(["root", tokens.root, "/api/collections?perPage=500"]);
    for (const name of collections) {
        if (withDefinitions) all.push(["root", tokens.root, `/api/collections/${name}`]);
        for (const who of Object.keys(tokens)) ask(who, `${name}/records`, { perPage: 200, sort: name === "moving_by_kind" ? "id" : "" });
    }
    for (let page = 1; (page - 1) * PAGE < records; page++) ask("root", "moving_archive/records", { page, perPage: PAGE, sort: "id", skipTotal: 1 });
    for (const who of Object.keys(tokens)) {
        for (const filter of FILTERS) ask(who, "moving_archive/records", { filter, sort: "id", perPage: 50 });
        for (const sort of SORTS) ask(who, "moving_archive/records", { sort, perPage: 50, page: 2 });
        for (const expand of EXPANDS) ask(who, "moving_archive/records", { expand, sort: "id", perPage: 10, filter: "number < 40" });
        for (const fields of FIELDS) ask(who, "moving_archive/records", { fields, expand: "owner", sort: "id", perPage: 20 });
        for (let number = 0; number < records; number += Math.ceil(records / 40)) ask(who, `moving_archive/records/${idOf(number)}`, { expand: "owner,next" });
        for (const id of ids) ask(who, `moving_members/records/${id}`);
        ask(who, "moving_members/auth-methods");
    }
    return all;
}
