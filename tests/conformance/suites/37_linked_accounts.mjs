// Accounts at identity providers that are linked to accounts here: listed and unlinked.

import { elsewhere } from "../accounts/clients.mjs";
import { PASSWORD, emailOf, idOf, makeAccounts } from "../accounts/collection.mjs";

const NAME = "linked";

export async function run(session) {
    const { recorder, superuser } = session;
    await makeAccounts(session, NAME, ["anna", "ben"]);
    const collection = await recorder.step("the collection", () => superuser.collections.getOne(NAME, { fields: "id" }));
    const links = superuser.collection("_externalAuths");
    const link = (label, body) => recorder.step(`link ${label}`, () => links.create(body));
    const account = (name) => ({ collectionRef: collection?.id, recordRef: idOf(NAME, name) });
    await link("anna with google", { ...account("anna"), provider: "google", providerId: "1" });
    await link("anna with github", { ...account("anna"), provider: "github", providerId: "1" });
    await link("anna with google twice", { ...account("anna"), provider: "google", providerId: "2" });
    await link("ben with anna's google", { ...account("ben"), provider: "google", providerId: "1" });
    await link("ben with google", { ...account("ben"), provider: "google", providerId: "3" });
    await link("nothing", {});

    const clients = { guest: elsewhere(session), superuser };
    for (const name of ["anna", "ben"]) {
        clients[name] = elsewhere(session);
        await recorder.step(`${name} signs in`, () => clients[name].collection(NAME).authWithPassword(emailOf(NAME, name), PASSWORD));
    }
    for (const [who, client] of Object.entries(clients)) {
        for (const name of ["anna", "ben"]) {
            await recorder.step(`${who} lists those of ${name}`, () => client.collection(NAME).listExternalAuths(idOf(NAME, name), { sort: "provider" }));
        }
        await recorder.step(`${who} lists all`, () => client.collection("_externalAuths").getList(1, 10, { sort: "provider,providerId", fields: "provider,providerId,recordRef" }));
    }
    const unlink = async (who, name, provider) =>
        recorder.step(`${who} unlinks ${name} from ${provider}`, () =>
            clients[who].collection(NAME).unlinkExternalAuth(idOf(NAME, name), provider).catch((error) => {
                // The SDK looks for the link first.
                if (error.status === 404) return undefined;
                throw error;
            }),
        );
    await unlink("guest", "anna", "google");
    await unlink("ben", "anna", "google");
    await unlink("anna", "anna", "google");
    await unlink("anna", "anna", "google");
    await unlink("anna", "anna", "nowhere");
    await unlink("superuser", "ben", "google");
    for (const who of ["guest", "anna", "superuser"]) {
        await recorder.step(`${who} links anna`, () => clients[who].collection("_externalAuths").create({ ...account("anna"), provider: "gitlab", providerId: "9" }));
        const mine = await links.getFirstListItem("provider = 'github'").catch(() => undefined);
        await recorder.step(`${who} changes a link`, () => clients[who].collection("_externalAuths").update(mine?.id ?? "missing", { providerId: "10" }));
    }
    await recorder.step("anna is deleted", () => superuser.collection(NAME).delete(idOf(NAME, "anna")));
    await recorder.step("what is left", () => links.getFullList({ sort: "provider", fields: "provider,providerId,recordRef" }));
    const wrong = [];
    wrong.push(await link("wrongly: ben with a provider that there is not", { ...account("ben"), provider: "nowhere", providerId: "3" }));
    wrong.push(await link("wrongly: nobody", { collectionRef: collection?.id, recordRef: "missing00000000", provider: "gitlab", providerId: "3" }));
    wrong.push(await link("wrongly: in no collection", { collectionRef: "nowhere", recordRef: idOf(NAME, "ben"), provider: "gitlab", providerId: "3" }));
    // Not recorded: only one of the servers has them.
    for (const { id } of wrong.filter(Boolean)) {
        await recorder.plainFetch(`${recorder.baseUrl}/api/collections/_externalAuths/records/${id}`, {
            method: "DELETE",
            headers: { authorization: superuser.authStore.token },
        });
    }
}
