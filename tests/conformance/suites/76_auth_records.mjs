// Records of an auth collection: passwords, emails and what nobody but a manager may set.

import { actors } from "../generate/actors.mjs";
import { PASSWORD } from "../generate/records.mjs";

const NEW = { password: "abcdefgh1", passwordConfirm: "abcdefgh1" };

export async function run(session) {
    const { recorder, newClient, guest, superuser } = session;
    let accounts = 0;
    const create = (who, client, body) => {
        // Its own id, so that later suites see the accounts in the same order on both servers.
        const id = `acco${String(++accounts).padStart(11, "0")}`;
        return recorder.step(`${who} creates ${JSON.stringify(body)}`, () => client.collection("gen_members").create({ id, ...body }));
    };
    const bodies = [
        {}, { email: "new1@example.com" }, { ...NEW }, { email: "new2@example.com", ...NEW }, { email: "new2@example.com", ...NEW }, { email: "NEW2@example.com", ...NEW }, { email: "not an email", ...NEW }, { email: "", ...NEW }, { email: "new3@example.com", password: "abcdefgh1" },
        { email: "new4@example.com", password: "abcdefgh1", passwordConfirm: "other" }, { email: "new5@example.com", password: "short", passwordConfirm: "short" }, { email: "new6@example.com", password: "x".repeat(71), passwordConfirm: "x".repeat(71) }, { email: "new7@example.com", password: "x".repeat(72), passwordConfirm: "x".repeat(72) },
        { email: "new8@example.com", password: "ä".repeat(36), passwordConfirm: "ä".repeat(36) }, { email: "new9@example.com", password: 12345678, passwordConfirm: 12345678 }, { email: "new10@example.com", ...NEW, verified: true }, { email: "new11@example.com", ...NEW, emailVisibility: true, name: "shown" },
        { email: "new12@example.com", ...NEW, tokenKey: "x".repeat(40) }, { email: "new13@example.com", ...NEW, tokenKey: "short" }, { email: "new14@example.com", ...NEW, phone: "1", roles: ["admin"] }, { email: "new15@example.com", ...NEW, id: "short" }, { email: null, ...NEW }, { password: "", passwordConfirm: "" }, { email: "new16@example.com", ...NEW, oldPassword: "x" },
    ];
    // Every password is hashed, which takes time on both servers: four of them are enough.
    const everybody = (await actors(session)).filter(({ name }) => name !== "member 0");
    for (const { name, client } of everybody) for (const body of bodies) {
        const tagged = body.email?.includes?.("@") ? { ...body, email: body.email.replace("@", `.${name.replace(" ", "")}@`) } : body;
        await create(name, client, tagged);
    }
    const self = everybody.find(({ name }) => name === "member 5");
    const update = (who, client, id, body) => recorder.step(`${who} updates ${id}: ${JSON.stringify(body)}`, () => client.collection("gen_members").update(id, body));
    const changes = [
        {}, { name: "renamed" }, { email: "changed@example.com" }, { emailVisibility: true }, { verified: true }, { verified: false }, { tokenKey: "y".repeat(40) }, { phone: "12" }, { password: "changed123" }, { password: "changed123", passwordConfirm: "changed123" }, { password: "changed123", passwordConfirm: "other", oldPassword: PASSWORD },
        { password: "changed123", passwordConfirm: "changed123", oldPassword: "wrong" }, { oldPassword: PASSWORD }, { passwordConfirm: "x" }, { password: "" }, { password: null }, { roles: ["admin"] }, { "roles+": "viewer" }, { boss: "memb00000000005" }, { email: "", name: "x" }, { id: "otherotherother" },
    ];
    for (const id of ["memb00000000005", "memb00000000006"]) {
        for (const { name, client } of everybody) for (const body of changes) await update(name, client, id, body);
    }
    await recorder.step("the old token after the superuser's change", () => self.client.collection("gen_members").update("memb00000000005", { name: "still" }));
    for (const [label, password] of [["old", PASSWORD], ["changed", "changed123"]]) {
        await recorder.step(`signs in with the ${label} password`, () => newClient().collection("gen_members").authWithPassword("member6@example.com", password));
    }
    await update("superuser", superuser, "memb00000000006", { password: "changed456", passwordConfirm: "changed456" });
    await recorder.step("signs in with the newest password", () => newClient().collection("gen_members").authWithPassword("member6@example.com", "changed456"));
    await recorder.step("signs in by email in other case", () => newClient().collection("gen_members").authWithPassword("MEMBER6@example.com", "changed456"));
    await recorder.step("as the superuser sees them", () => superuser.collection("gen_members").getFullList({ sort: "email,id", fields: "name,email,verified,roles,phone,emailVisibility" }));
    await recorder.step("guest filters by email", () => guest.collection("gen_members").getList(1, 50, { filter: "email ~ 'example'", sort: "email", fields: "email,name" }));
    await recorder.step("guest filters by one email", () => guest.collection("gen_members").getList(1, 50, { filter: "email = 'member1@example.com'", fields: "id,email" }));
    await recorder.step("guest sorts by email", () => guest.collection("gen_members").getList(1, 3, { sort: "-email", filter: "email:lower = 'member1@example.com'", fields: "email" }));
    const second = newClient();
    await recorder.step("member 7 signs in", () => second.collection("gen_members").authWithPassword("member7@example.com", PASSWORD));
    await recorder.step("member 7 deletes somebody", () => second.collection("gen_members").delete("memb00000000008"));
    await superusers({ recorder, newClient, superuser });
}

async function superusers({ recorder, newClient, superuser }) {
    const create = (body) => recorder.step(`create a superuser ${JSON.stringify(body)}`, () => superuser.collection("_superusers").create(body));
    const made = await create({ email: "second@example.com", ...NEW });
    await create({ email: "second@example.com", ...NEW });
    await create({ email: "third@example.com", password: "short", passwordConfirm: "short" });
    await recorder.step("list the superusers", () => superuser.collection("_superusers").getList(1, 10, { sort: "email" }));
    const second = newClient();
    await recorder.step("the second signs in", () => second.collection("_superusers").authWithPassword("second@example.com", "abcdefgh1"));
    await recorder.step("the second changes itself", () => second.collection("_superusers").update(made?.id ?? "missing", { email: "renamed@example.com" }));
    await recorder.step("the second is deleted", () => superuser.collection("_superusers").delete(made?.id ?? "missing"));
    await recorder.step("the second's token is worthless", () => second.collection("gen_vault").getList(1, 1));
}
