// Another email, by a token that is mailed to it and the password.

import { wrongBodies } from "../accounts/bodies.mjs";
import { elsewhere, nextAddress } from "../accounts/clients.mjs";
import { PASSWORD, emailOf, idOf, makeAccounts } from "../accounts/collection.mjs";
import { takeMail } from "../accounts/mails.mjs";
import { forgeries } from "../accounts/tokens.mjs";

const NAME = "moves";

export async function run(session) {
    const { recorder, superuser, mailbox } = session;
    await makeAccounts(session, NAME, ["anna", "ben", "carl", "dora"]);
    await makeAccounts(session, "moveselse", ["anna"]);
    const signedIn = async (name, collection = NAME) => {
        const client = elsewhere(session);
        await recorder.step(`${name} of ${collection} signs in`, () => client.collection(collection).authWithPassword(emailOf(collection, name), PASSWORD));
        return client;
    };
    const request = (label, client, address, collection = NAME) =>
        recorder.step(`${label} requests ${address} in ${collection}`, () => client.collection(collection).requestEmailChange(address));
    const confirm = (label, token, password = PASSWORD, collection = NAME) =>
        recorder.step(`confirm with ${label}`, () => elsewhere(session).collection(collection).confirmEmailChange(token ?? "", password));
    const show = (name) => recorder.step(`what ${name} is`, () => superuser.collection(NAME).getOne(idOf(NAME, name), { fields: "email,verified" }));

    const anna = await signedIn("anna");
    await request("a guest", elsewhere(session), "new@moves.example");
    await request("a superuser", superuser, "new@moves.example");
    await request("somebody of another collection", await signedIn("anna", "moveselse"), "new@moves.example");
    for (const collection of ["_superusers", "_mfas", "nowhere", "moveselse"]) await request("anna", anna, "new@moves.example", collection);
    await request("a superuser", superuser, "other@example.com", "_superusers");
    for (const address of ["", "no address", emailOf(NAME, "anna"), emailOf(NAME, "ben"), "BEN@moves.example", emailOf("moveselse", "anna"), "x@y.example\r\nBcc: z@y.example"]) {
        await request("anna", anna, address);
    }
    await mailbox.next(emailOf("moveselse", "anna"));
    await request("anna", anna, "new@moves.example");
    const mail = await takeMail(session, "change", "new@moves.example");
    for (const [label, token] of Object.entries(forgeries(recorder, mail.token))) await confirm(label, token);
    for (const [label, password] of [["a wrong password", "wrong horse"], ["no password", ""], ["a long password", "x".repeat(101)]]) {
        await confirm(label, mail.token, password);
    }
    await confirm("a session's token", anna.authStore.token);
    for (const collection of ["moveselse", "_superusers", "_mfas", "nowhere"]) await confirm(`a token for ${collection}`, mail.token, PASSWORD, collection);
    await recorder.step("the token for a verification", () => elsewhere(session).collection(NAME).confirmVerification(mail.token ?? ""));
    await recorder.step("the token for a new password", () => elsewhere(session).collection(NAME).confirmPasswordReset(mail.token ?? "", PASSWORD, PASSWORD));
    await show("anna");
    await recorder.step("anna confirms as herself", () => anna.collection(NAME).confirmEmailChange(mail.token ?? "", PASSWORD));
    recorder.note("the SDK signs itself out", anna.authStore.isValid);
    await show("anna");
    await confirm("the token again", mail.token);
    await recorder.step("anna signs in by the new email", () => elsewhere(session).collection(NAME).authWithPassword("new@moves.example", PASSWORD));
    await recorder.step("anna signs in by the old email", () => elsewhere(session).collection(NAME).authWithPassword(emailOf(NAME, "anna"), PASSWORD));

    const ben = await signedIn("ben");
    await request("ben", ben, "taken@moves.example");
    const late = await takeMail(session, "change", "taken@moves.example");
    await recorder.step("somebody takes the email", () => superuser.collection(NAME).update(idOf(NAME, "dora"), { email: "taken@moves.example" }));
    await confirm("a token to a taken email", late.token);
    await recorder.step("ben's session", () => ben.collection(NAME).authRefresh());
    await request("ben", ben, "first@moves.example");
    await request("ben", ben, "second@moves.example");
    const first = await takeMail(session, "change", "first@moves.example");
    const second = await takeMail(session, "change", "second@moves.example");
    await confirm("the second of two", second.token);
    await confirm("the first of two", first.token);
    await show("ben");

    const carl = await signedIn("carl");
    await request("carl", carl, "karl@moves.example");
    const karl = await takeMail(session, "change", "karl@moves.example");
    await recorder.step("carl gets another password", () => superuser.collection(NAME).update(idOf(NAME, "carl"), { password: "another horse", passwordConfirm: "another horse" }));
    await confirm("a token from before the password", karl.token, "another horse");
    await show("carl");

    const asker = await recorder.step("an asker", () => superuser.collection(NAME).create({ email: "asker@moves.example", password: PASSWORD, passwordConfirm: PASSWORD }));
    const client = elsewhere(session);
    await recorder.step("the asker signs in", () => client.collection(NAME).authWithPassword(asker?.email, PASSWORD));
    const path = `/api/collections/${NAME}`;
    const as = (options) => ({ ...options, headers: { ...options.headers, Authorization: client.authStore.token, "X-Forwarded-For": nextAddress() } });
    for (const [label, options] of wrongBodies(["newEmail"], { newEmail: emailOf(NAME, "carl") })) {
        await recorder.raw(`request, ${label}`, "POST", `${path}/request-email-change`, as(options));
    }
    for (const [label, options] of wrongBodies(["token", "password"], { token: "e30.e30.e30", password: PASSWORD })) {
        await recorder.raw(`confirm, ${label}`, "POST", `${path}/confirm-email-change`, as(options));
    }
    await recorder.raw("request of a guest, broken JSON", "POST", `${path}/request-email-change`, { body: "{", headers: { "content-type": "application/json" } });
    recorder.note("other mails", await mailbox.rest());
}
