// Devices that an account has signed in from, and the mail when there is a new one.

import { clientFrom } from "../accounts/clients.mjs";
import { PASSWORD, emailOf, idOf, makeAccounts } from "../accounts/collection.mjs";
import { takeMail } from "../accounts/mails.mjs";

const NAME = "alerts";

export async function run(session) {
    const { recorder, superuser, mailbox, newClient } = session;
    const authAlert = { enabled: true, emailTemplate: { subject: "alert {APP_NAME} {RECORD:name}", body: "<p>{ALERT_INFO}</p><p>{RECORD:email} {RECORD:secret}</p>" } };
    await makeAccounts(session, NAME, ["anna", "ben"], { authAlert });
    await makeAccounts(session, "alertsquiet", ["anna"]);
    const signIn = async (label, name, address, program, collection = NAME) => {
        const client = clientFrom(newClient, address, program);
        await recorder.step(`${name} signs in ${label}`, () => client.collection(collection).authWithPassword(emailOf(collection, name), PASSWORD));
        return client;
    };
    const origins = (label) =>
        recorder.step(`devices ${label}`, () => superuser.collection("_authOrigins").getFullList({ sort: "created", fields: "collectionRef,recordRef,fingerprint" }));

    const first = await signIn("first", "anna", "192.0.2.1", "one");
    await origins("after the first");
    await signIn("again", "anna", "192.0.2.1", "one");
    await signIn("with another program", "anna", "192.0.2.1", "two");
    await takeMail(session, "another program", emailOf(NAME, "anna"));
    await signIn("from elsewhere", "anna", "192.0.2.2", "one");
    await takeMail(session, "elsewhere", emailOf(NAME, "anna"));
    await signIn("from the first again", "anna", "192.0.2.1", "one");
    await signIn("with markup", "anna", "192.0.2.3", "<b>bold</b> \"quoted\" & {TOKEN}");
    await takeMail(session, "markup", emailOf(NAME, "anna"));
    await signIn("with a long name", "anna", "192.0.2.4", "x".repeat(500));
    await takeMail(session, "a long name", emailOf(NAME, "anna"));
    await signIn("from IPv6", "anna", "2001:db8::1", "one");
    await takeMail(session, "IPv6", emailOf(NAME, "anna"));
    await origins("after six");
    await signIn("in a quiet collection", "anna", "192.0.2.1", "one", "alertsquiet");
    await signIn("in a quiet collection from elsewhere", "anna", "192.0.2.2", "one", "alertsquiet");

    await recorder.step("anna lists her devices", () => first.collection("_authOrigins").getFullList({ fields: "recordRef" }));
    const mine = (await recorder.step("anna's devices", () => first.collection("_authOrigins").getFullList({ sort: "-created" }))) ?? [];
    recorder.note("how many anna sees", mine.length);
    await recorder.step("a guest lists devices", () => newClient().collection("_authOrigins").getFullList());
    await signIn("first", "ben", "192.0.2.9", "nine");
    const ben = await signIn("again", "ben", "192.0.2.9", "nine");
    await recorder.step("ben deletes a device of anna's", () => ben.collection("_authOrigins").delete(mine[0]?.id ?? "missing"));
    await recorder.step("anna deletes a device", () => first.collection("_authOrigins").delete(mine[0]?.id ?? "missing"));
    await recorder.step("ben gets another password", () => superuser.collection(NAME).update(idOf(NAME, "ben"), { password: "another horse", passwordConfirm: "another horse" }));
    await origins("after a change of the password");
    await recorder.step("anna is deleted", () => superuser.collection(NAME).delete(idOf(NAME, "anna")));
    await origins("after a deletion");
    recorder.note("other mails", await mailbox.rest());
}
