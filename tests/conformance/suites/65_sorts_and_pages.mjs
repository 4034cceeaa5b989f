// Random sorts with pages, and sorts that are wrong.

import { filter } from "../generate/filters.mjs";
import { ODD_PATHS, PATHS } from "../generate/paths.mjs";

const SORTS_PER_COLLECTION = 60;
// By which of several related records it is sorted, a server is free to choose; and times may be equal on one server only.
const UNDEFINED = /_via_|^(.+\.)?(members|assignees|likes|blocked_by)\.|:each|^created|^updated/;
const ODD = [
    "-", "+", "--title", "+-title", "-+title", "title,", ",title", ",,", " title", "title , -id", "title desc", "title;", "@random,id", "-@random", "@rowid", "-@rowid", "+@rowid", "@now", "@nothing", "title:each", "assignees:length",
    "-assignees:length", "geoDistance(project.team.place.lon,project.team.place.lat,1,2)", "RANDOM()", "1", "'title'", "(title)", "*", "title,title", "id,id,id,id,id,id,id,id", "id,id,id,id,id,id,id,id,id", "x".repeat(300), "-created,-updated,id", "labels.a,id", "labels,id",
    "project.team.lead.boss.name,id", "@request.auth.id,id", "@collection.gen_teams.name,id",
];
const PAGING = ["page=2&perPage=7", "page=0&perPage=0", "page=-1&perPage=-5", "perPage=1001", "page=999999", "page=99999999999", "perPage=1&skipTotal=1", "skipTotal=true&page=3&perPage=4", "skipTotal=false", "skipTotal=0", "skipTotal=yes", "page=1.5", "page= 1", "page=2&page=3"];

export async function run({ recorder, guest, superuser, random }) {
    for (const [collection, paths] of Object.entries(PATHS)) {
        const draw = random.for(collection);
        const sortable = Object.values(paths).flat().filter((path) => !UNDEFINED.test(path));
        for (let at = 0; at < SORTS_PER_COLLECTION; at++) {
            const terms = draw.many(draw.between(1, 3), () => draw.pick(["", "-", "+"]) + draw.pick(sortable));
            const sort = [...terms, draw.pick(["id", "-id"])].join(",");
            const options = { sort, fields: "id", ...(draw.chance(0.3) && { filter: filter(draw, collection, 1) }) };
            await recorder.step(`${collection} by ${sort}`, () =>
                superuser.collection(collection).getList(draw.between(1, 3), draw.pick([5, 10, 40]), options),
            );
        }
    }
    for (const sort of [...ODD, ...ODD_PATHS]) {
        // One record, so that no order that a server is free to choose shows.
        const options = { sort, filter: "code = 'T-000007'", fields: "id" };
        await recorder.step(`superuser sorts by ${sort}`, () => superuser.collection("gen_tasks").getList(1, 5, options));
        await recorder.step(`guest sorts by ${sort}`, () => guest.collection("gen_tasks").getList(1, 5, options));
    }
    for (const query of PAGING) {
        await recorder.step(`pages by ${query}`, () => superuser.send(`/api/collections/gen_tasks/records?sort=id&fields=id&${query}`, {}));
    }
    await recorder.step("stored order", () => superuser.collection("gen_tasks").getList(1, 100, { fields: "id" }));
    await recorder.step("stored order of the filtered", () => superuser.collection("gen_tasks").getList(1, 100, { filter: "done = true", fields: "id" }));
}
