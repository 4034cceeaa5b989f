// Real records: the 3,201 films of vega-datasets, stored, paged through, changed and deleted.

import { readFile } from "node:fs/promises";
import { join } from "node:path";

const DEFINITION = {
    name: "movies",
    type: "base",
    fields: [
        { type: "text", name: "title" },
        { type: "number", name: "us_gross" },
        { type: "number", name: "worldwide_gross" },
        { type: "number", name: "us_dvd_sales" },
        { type: "number", name: "production_budget" },
        { type: "date", name: "release_date" },
        { type: "text", name: "mpaa_rating" },
        { type: "number", name: "running_time_minutes", onlyInt: true, min: 0 },
        { type: "text", name: "distributor" },
        { type: "text", name: "source" },
        { type: "text", name: "genre" },
        { type: "text", name: "creative_type" },
        { type: "text", name: "director" },
        { type: "number", name: "rotten_tomatoes", onlyInt: true, min: 0, max: 100 },
        { type: "number", name: "imdb_rating", min: 0, max: 10 },
        { type: "number", name: "imdb_votes", onlyInt: true },
        { type: "bool", name: "blockbuster" },
        { type: "json", name: "original" },
        { type: "number", name: "position", onlyInt: true },
        { type: "autodate", name: "created", onCreate: true },
        { type: "autodate", name: "updated", onCreate: true, onUpdate: true },
    ],
    indexes: ["CREATE INDEX `idx_movies_position` ON `movies` (`position`)"],
};

export async function run({ recorder, packagesFolder, guest, superuser }) {
    const films = JSON.parse(await readFile(join(packagesFolder, "vega-datasets/data/movies.json"), "utf8"));
    const movies = superuser.collection("movies");

    await recorder.step("create the collection movies", () => superuser.collections.create(DEFINITION));
    await recorder.step("empty list", () => movies.getList());
    await recorder.step("empty full list", () => movies.getFullList());

    // One after the other, so that both servers give their rowids in the same order.
    const ids = [];
    for (const [position, film] of films.entries()) {
        const record = await recorder.step("store a film", () => movies.create(fromFilm(film, position)));
        ids.push(record?.id ?? "missing");
    }
    recorder.note("films stored", ids.filter((id) => id !== "missing").length);

    const all = await recorder.step("full list", () => movies.getFullList({ sort: "position" }));
    recorder.note("films in the full list", all?.length);
    recorder.note("ids in the full list are those that create gave", all?.every((film, at) => film.id === ids[at]));
    await recorder.step("full list in batches of 333", () => movies.getFullList({ sort: "-position", batch: 333 }));
    await recorder.step("full list as stored", () => movies.getFullList({ sort: "@rowid", fields: "id,title" }));

    await readPages(recorder, movies);
    await readOne(recorder, superuser, movies, ids);
    await asGuest(recorder, guest, ids);
    await change(recorder, movies, ids);
    await openRules(recorder, guest, superuser);
}

async function readPages(recorder, movies) {
    const list = (label, page, perPage, options) => recorder.step(label, () => movies.getList(page, perPage, options));

    await list("first page by position", 1, 30, { sort: "position" });
    await list("last page", 107, 30, { sort: "position" });
    await list("a page beyond the end", 1000, 30, { sort: "position" });
    await list("without totals", 2, 50, { sort: "position", skipTotal: true });
    for (const sort of ["-us_gross,position", "title,-position", "-release_date,position", "blockbuster,-position", "+genre,-director,position", "-@rowid"]) {
        await list(`sorted by ${sort}`, 1, 40, { sort });
    }
    await list("sorted by json", 1, 10, { sort: "original.Title,position" });
    await list("sorted by an unknown field", 1, 10, { sort: "nothing" });
    await list("sorted by a quote", 1, 10, { sort: "ti'tle" });
    await list("sorted by nine fields", 1, 10, { sort: "title,genre,director,source,distributor,us_gross,imdb_votes,imdb_rating,position" });
    for (const perPage of [1, 0, -1, 999, 1000, 1001, 100000]) await list(`perPage ${perPage}`, 1, perPage, { sort: "position" });
    for (const page of [0, -1, 2147483648]) await list(`page ${page}`, page, 1, { sort: "position" });
    for (const query of ["page=x", "perPage=x", "page=1.5", "page=9223372036854775808", "perPage=99999999999999999999", "skipTotal=1", "skipTotal=true", "skipTotal=x", "page=&perPage=", "unknown=1"]) {
        await recorder.step(`query ${query}`, () => movies.client.send(`/api/collections/movies/records?sort=position&${query}`, {}));
    }
    await recorder.step("first by position", () => movies.getList(1, 1, { sort: "position", skipTotal: true }));
}

async function readOne(recorder, superuser, movies, ids) {
    await recorder.step("view the first", () => movies.getOne(ids[0]));
    await recorder.step("view the last", () => movies.getOne(ids.at(-1)));
    await recorder.step("view with chosen fields", () => movies.getOne(ids[7], { fields: "id,title" }));
    await recorder.step("view through the collection's id", async () => {
        const { id } = await superuser.collections.getOne("movies");
        return superuser.collection(id).getOne(ids[1]);
    });
    await recorder.step("view what is not there", () => movies.getOne("aaaaaaaaaaaaaaa"));
    await recorder.step("view with a quote in the id", () => movies.getOne("a'b"));
    await recorder.step("view in an unknown collection", () => superuser.collection("nothing").getOne(ids[0]));
    await recorder.step("list an unknown collection", () => superuser.collection("nothing").getList());
}

async function asGuest(recorder, guest, ids) {
    const movies = guest.collection("movies");
    await recorder.step("guest lists under a null rule", () => movies.getList());
    await recorder.step("guest views under a null rule", () => movies.getOne(ids[0]));
    await recorder.step("guest creates under a null rule", () => movies.create({ title: "no" }));
    await recorder.step("guest updates under a null rule", () => movies.update(ids[0], { title: "no" }));
    await recorder.step("guest deletes under a null rule", () => movies.delete(ids[0]));
    await recorder.step("guest views what is not there", () => movies.getOne("aaaaaaaaaaaaaaa"));
}

async function change(recorder, movies, ids) {
    for (let at = 0; at < ids.length; at += 40) {
        await recorder.step("update a film", () => movies.update(ids[at], { imdb_votes: at, blockbuster: at % 80 === 0 }));
    }
    const before = await recorder.step("before an update", () => movies.getOne(ids[3]));
    await new Promise((resolve) => setTimeout(resolve, 5));
    const after = await recorder.step("after an update", () => movies.update(ids[3], { title: "Renamed" }));
    recorder.note("an update keeps created", before?.created === after?.created);
    recorder.note("an update moves updated on", before?.updated < after?.updated);
    await recorder.step("update what is not there", () => movies.update("aaaaaaaaaaaaaaa", { title: "no" }));
    await recorder.step("update with a wrong type", () => movies.update(ids[4], { rotten_tomatoes: "many", imdb_rating: 11 }));
    await recorder.step("after the refused update", () => movies.getOne(ids[4]));

    for (let at = 20; at < ids.length; at += 100) await recorder.step("delete a film", () => movies.delete(ids[at]));
    await recorder.step("delete a film again", () => movies.delete(ids[20]));
    await recorder.step("view a deleted film", () => movies.getOne(ids[20]));
    await recorder.step("update a deleted film", () => movies.update(ids[20], { title: "no" }));
    const rest = await recorder.step("full list after the changes", () => movies.getFullList({ sort: "position" }));
    recorder.note("films left", rest?.length);
}

/** A second collection with open rules: what a guest may do there. */
async function openRules(recorder, guest, superuser) {
    await recorder.step("create an open collection", () =>
        superuser.collections.create({
            name: "conformance_open",
            fields: [{ type: "text", name: "title", required: true }],
            listRule: "",
            viewRule: "",
            createRule: "",
            updateRule: "",
            deleteRule: null,
        }),
    );
    const open = guest.collection("conformance_open");
    const record = await recorder.step("guest creates", () => open.create({ title: "mine" }));
    const id = record?.id ?? "missing";
    await recorder.step("guest creates without what is required", () => open.create({}));
    await recorder.step("guest lists", () => open.getList());
    await recorder.step("guest views", () => open.getOne(id));
    await recorder.step("guest updates", () => open.update(id, { title: "yours" }));
    await recorder.step("guest deletes under a null rule", () => open.delete(id));
    await recorder.step("superuser deletes", () => superuser.collection("conformance_open").delete(id));
    await recorder.step("guest views the deleted", () => open.getOne(id));
}

function fromFilm(film, position) {
    return {
        title: film["Title"],
        us_gross: film["US Gross"],
        worldwide_gross: film["Worldwide Gross"],
        us_dvd_sales: film["US DVD Sales"],
        production_budget: film["Production Budget"],
        release_date: new Date(`${film["Release Date"]} UTC`).toISOString(),
        mpaa_rating: film["MPAA Rating"],
        running_time_minutes: film["Running Time min"],
        distributor: film["Distributor"],
        source: film["Source"],
        genre: film["Major Genre"],
        creative_type: film["Creative Type"],
        director: film["Director"],
        rotten_tomatoes: film["Rotten Tomatoes Rating"],
        imdb_rating: film["IMDB Rating"],
        imdb_votes: film["IMDB Votes"],
        blockbuster: film["Worldwide Gross"] > 100_000_000,
        original: film,
        position,
    };
}
