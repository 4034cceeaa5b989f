// Random expands in lists and views, by everybody: each relation obeys the rule of where it leads.

import { actors } from "../generate/actors.mjs";
import { RELATIONS, expand } from "../generate/expands.mjs";
import { idsOf } from "../generate/records.mjs";

const EXPANDS_EACH = 12;

export async function run(session) {
    const { recorder, superuser, random } = session;
    for (const { name, client } of await actors(session)) {
        for (const collection of Object.keys(RELATIONS)) {
            const draw = random.for(`${name} ${collection}`);
            const records = client.collection(collection);
            const ids = idsOf(collection === "gen_totals" ? "projects" : collection.slice("gen_".length));
            for (let at = 0; at < EXPANDS_EACH; at++) {
                const options = { expand: expand(draw, collection) };
                const label = `${name} expands ${collection}: ${options.expand}`;
                if (draw.chance(0.6)) {
                    await recorder.step(label, () => records.getList(1, draw.between(1, 6), { sort: "-id", ...options }));
                } else {
                    await recorder.step(label, () => records.getOne(draw.pick(ids), options));
                }
            }
        }
    }
    const tasks = superuser.collection("gen_tasks");
    for (const text of [",,,", "owner,owner", "owner,owner.boss,owner", Array(40).fill("owner").join(","), "x".repeat(2000), "owner\0", "o'wner", "owner;drop", "assignees.boss,assignees.gen_teams_via_lead"]) {
        await recorder.step(`expand ${text.slice(0, 60)}`, () => tasks.getList(1, 3, { sort: "id", expand: text }));
    }
}
