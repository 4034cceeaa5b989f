// Signing in with a code from a mail.

import { wrongBodies } from "../accounts/bodies.mjs";
import { elsewhere, nextAddress, withToken } from "../accounts/clients.mjs";
import { PASSWORD, emailOf, idOf, makeAccounts } from "../accounts/collection.mjs";
import { takeMail } from "../accounts/mails.mjs";

const NAME = "codes";

export async function run(session) {
    const { recorder, superuser, mailbox } = session;
    await makeAccounts(session, NAME, ["anna", "ben", "carl", "dora", "eve"]);
    await makeAccounts(session, "codesclosed", ["anna"], { otp: { enabled: false, duration: 300, length: 8 } });
    await makeAccounts(session, "codesruled", ["anna"], { authRule: "verified = false" });
    await makeAccounts(session, "codeslong", ["anna"], { otp: { enabled: true, duration: 300, length: 20, emailTemplate: { subject: "long", body: "<strong>{OTP}</strong>" } } });
    const request = (address, collection = NAME) =>
        recorder.step(`request for ${address} of ${collection}`, () => elsewhere(session).collection(collection).requestOTP(address));
    const signIn = (label, id, code, collection = NAME, options = undefined, client = elsewhere(session)) =>
        recorder.step(`sign in with ${label}`, () => client.collection(collection).authWithOTP(id ?? "", code ?? "", options));
    const show = (name) => recorder.step(`what ${name} is`, () => superuser.collection(NAME).getOne(idOf(NAME, name), { fields: "email,verified" }));
    const codes = (label) => recorder.step(`codes ${label}`, () => superuser.collection("_otps").getFullList({ sort: "created", fields: "collectionRef,recordRef,sentTo,password" }));

    const unknown = await request("nobody@codes.example");
    for (const address of ["", "anna", "ANNA@CODES.EXAMPLE"]) await request(address);
    for (const collection of ["codesclosed", "_superusers", "_mfas", "nowhere"]) {
        await request(emailOf(NAME, "anna"), collection);
        await signIn(`a code for ${collection}`, unknown?.otpId, "12345678", collection);
    }
    await signIn("the id that was never made", unknown?.otpId, "12345678");

    const before = elsewhere(session);
    await recorder.step("anna signs in before", () => before.collection(NAME).authWithPassword(emailOf(NAME, "anna"), PASSWORD));
    const anna = await request(emailOf(NAME, "anna"));
    const mail = await takeMail(session, "code", emailOf(NAME, "anna"));
    await codes("after one request");
    await signIn("a wrong code", anna?.otpId, "00000000");
    await signIn("an empty code", anna?.otpId, "");
    await signIn("a code with blanks", anna?.otpId, ` ${mail.code} `);
    await signIn("a code of another collection", anna?.otpId, mail.code, "codesruled");
    await signIn("the code", anna?.otpId, mail.code, NAME, { expand: "nothing", fields: "*,record.name:excerpt(2)" });
    await signIn("the code again", anna?.otpId, mail.code);
    await show("anna");
    await codes("after the sign-in");
    await recorder.step("anna's session from before", () => before.collection(NAME).authRefresh());
    await recorder.step("anna's password from before", () => elsewhere(session).collection(NAME).authWithPassword(emailOf(NAME, "anna"), PASSWORD));

    await recorder.step("ben is verified", () => superuser.collection(NAME).update(idOf(NAME, "ben"), { verified: true }));
    const first = await request(emailOf(NAME, "ben"));
    const firstMail = await takeMail(session, "first code", emailOf(NAME, "ben"));
    const second = await request(emailOf(NAME, "ben"));
    const secondMail = await takeMail(session, "second code", emailOf(NAME, "ben"));
    await signIn("the second id and the first code", second?.otpId, firstMail.code);
    await signIn("the first code", first?.otpId, firstMail.code);
    await signIn("the second code after the first", second?.otpId, secondMail.code);
    await recorder.step("ben's password goes on", () => elsewhere(session).collection(NAME).authWithPassword(emailOf(NAME, "ben"), PASSWORD));

    const carl = await request(emailOf(NAME, "carl"));
    const carlMail = await takeMail(session, "code", emailOf(NAME, "carl"));
    const guesser = elsewhere(session);
    for (let attempt = 1; attempt <= 5; attempt++) await signIn(`a wrong code, attempt ${attempt}`, carl?.otpId, "00000000", NAME, {}, guesser);
    await signIn("the right code after five wrong ones", carl?.otpId, carlMail.code, NAME, {}, guesser);

    const dora = await request(emailOf(NAME, "dora"));
    const doraMail = await takeMail(session, "code", emailOf(NAME, "dora"));
    await recorder.step("dora gets another email", () => superuser.collection(NAME).update(idOf(NAME, "dora"), { email: "theodora@codes.example" }));
    await signIn("a code to the email before", dora?.otpId, doraMail.code);
    await show("dora");

    const eve = await request(emailOf(NAME, "eve"));
    const eveMail = await takeMail(session, "code", emailOf(NAME, "eve"));
    await recorder.step("delete eve", () => superuser.collection(NAME).delete(idOf(NAME, "eve")));
    await signIn("the code of a deleted account", eve?.otpId, eveMail.code);

    const ruled = await request(emailOf("codesruled", "anna"), "codesruled");
    const ruledMail = await takeMail(session, "code", emailOf("codesruled", "anna"));
    await signIn("a code that makes the rule fail", ruled?.otpId, ruledMail.code, "codesruled");
    const long = await request(emailOf("codeslong", "anna"), "codeslong");
    const longMail = await takeMail(session, "code", emailOf("codeslong", "anna"));
    await signIn("a long code", long?.otpId, longMail.code, "codeslong");

    const own = await recorder.step("a member lists codes", () => before.collection("_otps").getFullList());
    recorder.note("a member sees", own?.length);
    await recorder.step("a guest lists codes", () => withToken(session, "").collection("_otps").getFullList());

    const path = `/api/collections/${NAME}`;
    const from = (options) => ({ ...options, headers: { ...options.headers, "X-Forwarded-For": nextAddress() } });
    for (const [label, options] of wrongBodies(["email"], { email: "nobody@codes.example" })) {
        await recorder.raw(`request, ${label}`, "POST", `${path}/request-otp`, from(options));
    }
    for (const [label, options] of wrongBodies(["otpId", "password"], { otpId: "neverneverneve0", password: "12345678" })) {
        await recorder.raw(`sign in, ${label}`, "POST", `${path}/auth-with-otp`, from(options));
    }
    await recorder.raw("broken JSON to a closed collection", "POST", "/api/collections/codesclosed/request-otp", { body: "{" });
    await recorder.raw("broken JSON for a closed collection", "POST", "/api/collections/codesclosed/auth-with-otp", { body: "{" });
    recorder.note("other mails", await mailbox.rest());
}
