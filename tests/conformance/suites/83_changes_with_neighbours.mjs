// Changes of a collection that relations, rules, indexes and views of others depend on.

import { bodyOf } from "../generate/changes.mjs";
import { AROUND, make, observe, unmake } from "../generate/neighbours.mjs";

export async function run(session) {
    const { recorder, superuser } = session;
    for (const [at, [label, [name, change, without]]] of Object.entries(AROUND).entries()) {
        const prefix = `near${at}`;
        const made = await make(session, label, prefix, without);
        if (!made) continue;
        const { id, fields } = made[name];
        const calls = {
            delete: () => superuser.collections.delete(id),
            truncate: () => superuser.collections.truncate(id),
        };
        const update = () => superuser.collections.update(id, JSON.parse(JSON.stringify(bodyOf(change, name, fields)).replaceAll("PREFIX", prefix)));
        await recorder.step(label, calls[change] ?? update);
        await observe(session, label, made);
        await unmake(session, label, made);
    }
}
