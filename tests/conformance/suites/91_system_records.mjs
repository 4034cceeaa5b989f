// Records of the system's collections for accounts, written by hand: who may, what is checked, and what goes with the account.

import { elsewhere } from "../accounts/clients.mjs";
import { PASSWORD, emailOf, idOf, makeAccounts } from "../accounts/collection.mjs";

const NAME = "byhand";
const OWN_FIELDS = {
    _mfas: { method: "password" },
    _otps: { password: "12345678", sentTo: "somebody@example.com" },
    _authOrigins: { fingerprint: "a-device" },
};
const CHANGES = {
    _mfas: { method: "otp" },
    _otps: { sentTo: "another@example.com" },
    _authOrigins: { fingerprint: "another-device" },
};

export async function run(session) {
    const { recorder, superuser } = session;
    await makeAccounts(session, NAME, ["anna", "ben"]);
    const collection = await recorder.step("the collection", () => superuser.collections.getOne(NAME, { fields: "id" }));
    const anna = elsewhere(session);
    await recorder.step("anna signs in", () => anna.collection(NAME).authWithPassword(emailOf(NAME, "anna"), PASSWORD));
    const clients = { guest: elsewhere(session), anna, superuser };

    for (const [name, own] of Object.entries(OWN_FIELDS)) {
        const records = superuser.collection(name);
        const step = (label, send) => recorder.step(`${name}: ${label}`, send);
        const of = (account) => ({ collectionRef: collection?.id, recordRef: idOf(NAME, account) });
        const id = (number) => `${name.slice(1, 4).toLowerCase()}${String(number).padStart(12, "0")}`;
        for (const [who, client] of Object.entries(clients)) {
            await step(`${who} creates one`, () => client.collection(name).create({ id: id(1), ...of("anna"), ...own }));
        }
        await step("one more, for ben", () => records.create({ id: id(2), ...of("ben"), ...own }));
        await step("of nothing", () => records.create({ id: id(3) }));
        await step("of the account alone", () => records.create({ id: id(3), ...of("ben") }));
        await step("of an account of numbers", () => records.create({ id: id(3), collectionRef: 1, recordRef: 2, ...own }));
        await step("with an unknown field", () => records.create({ id: id(4), ...of("ben"), ...own, unknown: 1, ...CHANGES[name] }));
        await step("with an id that is taken", () => records.create({ id: id(1), ...of("ben"), ...own, ...CHANGES[name] }));
        for (const [who, client] of Object.entries(clients)) {
            const theirs = client.collection(name);
            await step(`${who} lists them`, () => theirs.getList(1, 10, { sort: "id", filter: `collectionRef = '${collection?.id}'` }));
            await step(`${who} looks at anna's`, () => theirs.getOne(id(1)));
            await step(`${who} looks at ben's`, () => theirs.getOne(id(2)));
            await step(`${who} changes anna's`, () => theirs.update(id(1), CHANGES[name]));
            await step(`${who} deletes ben's`, () => theirs.delete(id(2)));
        }
        await step("made that of nobody", () => records.update(id(1), { recordRef: "" }));
        await step("with more text than fits", () => records.update(id(1), { [Object.keys(own)[0]]: "x".repeat(6000) }));
    }
    await recorder.step("anna is deleted", () => superuser.collection(NAME).delete(idOf(NAME, "anna")));
    for (const name of Object.keys(OWN_FIELDS)) {
        const filter = `collectionRef = '${collection?.id}'`;
        await recorder.step(`${name}: what is left`, () => superuser.collection(name).getFullList({ sort: "id", fields: "id,recordRef", filter }));
    }
    await recorder.step("the collection is deleted", () => superuser.collections.delete(NAME));
    for (const name of Object.keys(OWN_FIELDS)) {
        const filter = `collectionRef = '${collection?.id}'`;
        await recorder.step(`${name}: what is left then`, () => superuser.collection(name).getFullList({ sort: "id", fields: "id,recordRef", filter }));
    }
}
