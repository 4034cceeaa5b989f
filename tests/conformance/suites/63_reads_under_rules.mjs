// Lists and views of whole records, by everybody: what the rules show, what is hidden, who sees an email.

import { actors } from "../generate/actors.mjs";
import { filter } from "../generate/filters.mjs";
import { PATHS } from "../generate/paths.mjs";
import { idsOf } from "../generate/records.mjs";

const FILTERS_EACH = 25;
const VIEWS_EACH = 8;

export async function run(session) {
    const { recorder, random } = session;
    for (const { name, client } of await actors(session)) {
        for (const collection of [...Object.keys(PATHS), "gen_vault"]) {
            const draw = random.for(`${name} ${collection}`);
            const records = client.collection(collection);
            await recorder.step(`${name} lists ${collection}`, () => records.getList(1, 200, { sort: "id" }));
            for (let at = 0; at < FILTERS_EACH && PATHS[collection]; at++) {
                const text = filter(draw, collection, 1);
                await recorder.step(`${name}, ${collection}: ${text}`, () => records.getList(1, 20, { filter: text, sort: "id" }));
            }
            const ids = idsOf(collection === "gen_totals" ? "projects" : collection.slice("gen_".length));
            for (const id of draw.some(ids, VIEWS_EACH)) {
                await recorder.step(`${name} views in ${collection}`, () => records.getOne(id));
            }
            await recorder.step(`${name} views what is not there`, () => records.getOne("nothing00000000"));
        }
    }
}
