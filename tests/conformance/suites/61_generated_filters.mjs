// Random filters on every generated collection, as a superuser: all operators, paths, macros and functions.

import { filter } from "../generate/filters.mjs";
import { PATHS } from "../generate/paths.mjs";

const FILTERS_PER_COLLECTION = 300;

export async function run({ recorder, superuser, random }) {
    for (const collection of Object.keys(PATHS)) {
        const draw = random.for(collection);
        for (let at = 0; at < FILTERS_PER_COLLECTION; at++) {
            const text = filter(draw, collection);
            await recorder.step(`${collection}: ${text}`, () =>
                superuser.collection(collection).getList(1, 200, { filter: text, sort: "id", fields: "id" }),
            );
        }
    }
}
