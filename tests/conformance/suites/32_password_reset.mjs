// A new password with the token that is mailed to the owner.

import { wrongBodies } from "../accounts/bodies.mjs";
import { elsewhere, withToken } from "../accounts/clients.mjs";
import { PASSWORD, emailOf, idOf, makeAccounts } from "../accounts/collection.mjs";
import { takeMail } from "../accounts/mails.mjs";
import { forgeries } from "../accounts/tokens.mjs";

const NAME = "resets";
const NEW = "another horse";

export async function run(session) {
    const { recorder, superuser, mailbox, email } = session;
    await makeAccounts(session, NAME, ["anna", "ben", "carl", "dora"]);
    await makeAccounts(session, "resetsclosed", ["anna"], { passwordAuth: { enabled: false, identityFields: ["email"] } });
    const request = (address, collection = NAME) =>
        recorder.step(`request for ${address} of ${collection}`, () => elsewhere(session).collection(collection).requestPasswordReset(address));
    const confirm = (label, token, password = NEW, again = password, collection = NAME) =>
        recorder.step(`confirm with ${label}`, () => elsewhere(session).collection(collection).confirmPasswordReset(token ?? "", password, again));
    const signIn = (label, name, password) =>
        recorder.step(`${name} signs in ${label}`, () => elsewhere(session).collection(NAME).authWithPassword(emailOf(NAME, name), password));
    const verified = (name) => recorder.step(`is ${name} verified`, () => superuser.collection(NAME).getOne(idOf(NAME, name), { fields: "email,verified" }));

    await request("nobody@resets.example");
    await request("no address");
    await request(emailOf("resetsclosed", "anna"), "resetsclosed");
    await request(emailOf(NAME, "anna"), "_mfas");
    await request(emailOf(NAME, "anna"), "nowhere");

    const before = await signIn("before", "anna", PASSWORD);
    await request(emailOf(NAME, "anna"));
    const anna = await takeMail(session, "reset", emailOf(NAME, "anna"));
    await request(emailOf(NAME, "anna"));
    for (const [label, token] of Object.entries(forgeries(recorder, anna.token))) await confirm(label, token);
    await confirm("a session's token", before?.token);
    await confirm("the token for a verification", anna.token);
    await recorder.step("the token for a verification", () => elsewhere(session).collection(NAME).confirmVerification(anna.token ?? ""));
    await recorder.step("the token for a change of email", () => elsewhere(session).collection(NAME).confirmEmailChange(anna.token ?? "", NEW));
    for (const collection of ["resetsclosed", "_superusers", "_mfas", "nowhere"]) await confirm(`a token for ${collection}`, anna.token, NEW, NEW, collection);
    await signIn("with the new password after a first confirmation", "anna", NEW);

    await request(emailOf(NAME, "ben"));
    const ben = await takeMail(session, "reset", emailOf(NAME, "ben"));
    const session_ = await signIn("before the reset", "ben", PASSWORD);
    for (const [label, password, again] of [
        ["two passwords", NEW, "yet another"], ["a short one", "short", "short"], ["an empty one", "", ""], ["none again", NEW, ""],
        ["71 bytes", "p".repeat(71), "p".repeat(71)], ["72 bytes", "p".repeat(72), "p".repeat(72)], ["blanks", " ".repeat(8), " ".repeat(8)],
        ["wide characters", "é".repeat(40), "é".repeat(40)],
    ]) {
        if (label !== "71 bytes" && label !== "blanks") await confirm(`the token and ${label}`, ben.token, password, again);
    }
    await confirm("the token of ben", ben.token);
    await confirm("the token of ben again", ben.token);
    await verified("ben");
    await recorder.step("a session from before", () => withToken(session, session_?.token).collection(NAME).authRefresh());
    await signIn("with the old password", "ben", PASSWORD);
    await signIn("with the new password", "ben", NEW);

    await request(emailOf(NAME, "carl"));
    const carl = await takeMail(session, "reset", emailOf(NAME, "carl"));
    await recorder.step("carl gets another email", () => superuser.collection(NAME).update(idOf(NAME, "carl"), { email: "karl@resets.example" }));
    await confirm("a token to the email before", carl.token);
    await request(emailOf(NAME, "dora"));
    const dora = await takeMail(session, "reset", emailOf(NAME, "dora"));
    await recorder.step("delete dora", () => superuser.collection(NAME).delete(idOf(NAME, "dora")));
    await confirm("the token of a deleted account", dora.token);

    const made = await recorder.step("a superuser is made", () => superuser.collection("_superusers").create({ email: "second@example.com", password: PASSWORD, passwordConfirm: PASSWORD }));
    await request("second@example.com", "_superusers");
    const second = await mailbox.next("second@example.com");
    recorder.note("a superuser gets a mail", second !== undefined);
    const token = /eyJ[\w-]+\.[\w-]+\.[\w-]+/.exec(second?.mail.html ?? "")?.[0];
    await confirm("a superuser's token for others", token);
    await confirm("a superuser's token", token, NEW, NEW, "_superusers");
    await recorder.step("the superuser signs in", () => elsewhere(session).collection("_superusers").authWithPassword("second@example.com", NEW));
    // The ids of superusers are random: with a second one, lists would be in an order by chance.
    await recorder.step("the superuser is deleted", () => superuser.collection("_superusers").delete(made?.id ?? "missing"));
    await request(email, "nowhere");

    const path = `/api/collections/${NAME}`;
    for (const [label, options] of wrongBodies(["email"], { email: "nobody@resets.example" })) {
        await recorder.raw(`request, ${label}`, "POST", `${path}/request-password-reset`, options);
    }
    for (const [label, options] of wrongBodies(["token", "password", "passwordConfirm"], { token: "e30.e30.e30", password: NEW, passwordConfirm: NEW })) {
        await recorder.raw(`confirm, ${label}`, "POST", `${path}/confirm-password-reset`, options);
    }
    recorder.note("other mails", await mailbox.rest());
}
