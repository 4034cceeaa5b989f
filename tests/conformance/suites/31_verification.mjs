// Verifying an email with the token that is mailed to it, and every token that is not to be believed.

import { wrongBodies } from "../accounts/bodies.mjs";
import { elsewhere } from "../accounts/clients.mjs";
import { PASSWORD, emailOf, idOf, makeAccounts } from "../accounts/collection.mjs";
import { takeMail } from "../accounts/mails.mjs";
import { forgeries } from "../accounts/tokens.mjs";

const NAME = "verified";

export async function run(session) {
    const { recorder, superuser, mailbox } = session;
    await makeAccounts(session, NAME, ["anna", "<b>ben</b>", "carl", "dora", "eve", "fay"]);
    await makeAccounts(session, "verifiedelse", ["anna"]);
    const request = (email, collection = NAME) =>
        recorder.step(`request for ${email} of ${collection}`, () => elsewhere(session).collection(collection).requestVerification(email));
    const confirm = (label, token, collection = NAME) =>
        recorder.step(`confirm with ${label}`, () => elsewhere(session).collection(collection).confirmVerification(token ?? ""));
    const verified = (name) => recorder.step(`is ${name} verified`, () => superuser.collection(NAME).getOne(idOf(NAME, name), { fields: "email,verified" }));

    // Asked for first, so that a mail that should not be sent has come by the end.
    await request("nobody@verified.example");
    for (const address of ["", "anna", "anna@", "ANNA@VERIFIED.EXAMPLE", " anna@verified.example", "anna@verified.example,ben@verified.example", "anna@verified.example\r\nBcc: x@y.example"]) {
        await request(address);
    }
    await request(emailOf(NAME, "anna"));
    const anna = await takeMail(session, "verification", emailOf(NAME, "anna"));
    await request(emailOf(NAME, "anna"));
    for (const collection of ["_superusers", "_mfas", "nowhere"]) {
        await request(emailOf(NAME, "anna"), collection);
        await confirm(`a token for ${collection}`, anna.token, collection);
    }
    for (const [label, token] of Object.entries(forgeries(recorder, anna.token))) await confirm(label, token);
    await confirm("a token of another collection", anna.token, "verifiedelse");
    await verified("anna");
    await confirm("the token", anna.token);
    await verified("anna");
    await confirm("the token again", anna.token);
    await request(emailOf(NAME, "anna"));

    await request(emailOf("verifiedelse", "anna"), "verifiedelse");
    const other = await takeMail(session, "verification", emailOf("verifiedelse", "anna"));
    await confirm("another collection's token", other.token);

    await request(emailOf(NAME, "carl"));
    const carl = await takeMail(session, "verification", emailOf(NAME, "carl"));
    await recorder.step("carl gets another email", () => superuser.collection(NAME).update(idOf(NAME, "carl"), { email: "karl@verified.example" }));
    await confirm("a token to the email before", carl.token);
    await request(emailOf(NAME, "fay"));
    const fay = await takeMail(session, "verification", emailOf(NAME, "fay"));
    await recorder.step("fay gets another password", () =>
        superuser.collection(NAME).update(idOf(NAME, "fay"), { password: "another horse", passwordConfirm: "another horse" }),
    );
    await confirm("a token from before the password", fay.token);

    await request(emailOf(NAME, "dora"));
    const dora = await takeMail(session, "verification", emailOf(NAME, "dora"));
    const client = elsewhere(session);
    await recorder.step("dora signs in", () => client.collection(NAME).authWithPassword(emailOf(NAME, "dora"), PASSWORD));
    await confirm("a session's token", client.authStore.token);
    await recorder.step("dora confirms as herself", () => client.collection(NAME).confirmVerification(dora.token ?? ""));
    recorder.note("the SDK marks its own record", client.authStore.record?.verified);
    await recorder.step("dora's session goes on", () => client.collection(NAME).authRefresh());
    await recorder.step("a mailed token is no session's", () => {
        client.authStore.save(dora.token ?? "", null);
        return client.collection(NAME).authRefresh();
    });

    await request(emailOf(NAME, "eve"));
    const eve = await takeMail(session, "verification", emailOf(NAME, "eve"));
    await recorder.step("delete eve", () => superuser.collection(NAME).delete(idOf(NAME, "eve")));
    await confirm("the token of a deleted account", eve.token);

    const path = `/api/collections/${NAME}`;
    for (const [label, options] of wrongBodies(["email"], { email: "nobody@verified.example" })) {
        await recorder.raw(`request, ${label}`, "POST", `${path}/request-verification`, options);
    }
    for (const [label, options] of wrongBodies(["token"], { token: "e30.e30.e30" })) {
        await recorder.raw(`confirm, ${label}`, "POST", `${path}/confirm-verification`, options);
    }
    for (const method of ["GET", "PUT", "PATCH", "DELETE", "HEAD"]) {
        await recorder.raw(`request by ${method}`, method, `${path}/request-verification`);
        await recorder.raw(`confirm by ${method}`, method, `${path}/confirm-verification`);
    }
    recorder.note("other mails", await mailbox.rest());
}
