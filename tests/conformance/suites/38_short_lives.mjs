// Tokens, codes and half sign-ins that are over: their lifetimes are the shortest that there may be.

import { elsewhere, withToken } from "../accounts/clients.mjs";
import { PASSWORD, accountCollection, emailOf, idOf, makeAccounts } from "../accounts/collection.mjs";
import { takeMail } from "../accounts/mails.mjs";

const NAME = "shorts";
const SECONDS = 10;

export async function run(session) {
    const { recorder, superuser, mailbox } = session;
    const token = { duration: SECONDS };
    const tokens = { authToken: token, verificationToken: token, passwordResetToken: token, emailChangeToken: token };
    for (const duration of [9, 0, -1, 94_670_857, 94_670_856, 1.5, "600", null]) {
        for (const name of ["authToken", "verificationToken", "otp", "mfa"]) {
            const options = { [name]: { ...(name === "otp" && { enabled: true, length: 8 }), ...(name === "mfa" && { enabled: true }), duration } };
            await recorder.step(`${name} for ${duration}`, () => superuser.collections.create(accountCollection("shortsrefused", options)));
            await superuser.collections.delete("shortsrefused").catch(() => undefined);
        }
    }
    await makeAccounts(session, NAME, ["anna", "ben", "carl"], { ...tokens, mfa: { enabled: false, duration: SECONDS } });
    const otp = (await superuser.collections.getOne(NAME)).otp;
    await recorder.step("short codes", () => superuser.collections.update(NAME, { otp: { ...otp, duration: SECONDS } }));
    await makeAccounts(session, "shortsmfa", ["anna"], { mfa: { enabled: true, duration: SECONDS } });

    const anna = elsewhere(session);
    await recorder.step("anna signs in", () => anna.collection(NAME).authWithPassword(emailOf(NAME, "anna"), PASSWORD));
    await recorder.step("verification", () => anna.collection(NAME).requestVerification(emailOf(NAME, "anna")));
    const verification = await takeMail(session, "verification", emailOf(NAME, "anna"));
    await recorder.step("reset", () => anna.collection(NAME).requestPasswordReset(emailOf(NAME, "ben")));
    const reset = await takeMail(session, "reset", emailOf(NAME, "ben"));
    await recorder.step("change", () => anna.collection(NAME).requestEmailChange("new@shorts.example"));
    const change = await takeMail(session, "change", "new@shorts.example");
    const code = await recorder.step("code", () => elsewhere(session).collection(NAME).requestOTP(emailOf(NAME, "carl")));
    const coded = await takeMail(session, "code", emailOf(NAME, "carl"));
    let mfaId;
    await recorder.step("half a sign-in", () =>
        elsewhere(session).collection("shortsmfa").authWithPassword(emailOf("shortsmfa", "anna"), PASSWORD).catch((error) => {
            mfaId = error.response?.mfaId;
            throw error;
        }),
    );
    const mfaCode = await recorder.step("its code", () => elsewhere(session).collection("shortsmfa").requestOTP(emailOf("shortsmfa", "anna")));
    const mfaCoded = await takeMail(session, "its code", emailOf("shortsmfa", "anna"));
    const short = await recorder.step("impersonate for a second", () => superuser.collection(NAME).impersonate(idOf(NAME, "anna"), 1));
    await recorder.step("while it lasts", () => withToken(session, anna.authStore.token).collection(NAME).authRefresh());

    await new Promise((resolve) => setTimeout(resolve, (SECONDS + 1.5) * 1000));

    await recorder.step("the session", () => withToken(session, anna.authStore.token).collection(NAME).authRefresh());
    await recorder.step("the session lists", () => withToken(session, anna.authStore.token).collection(NAME).getList(1, 5, { sort: "id", filter: "@request.auth.id != ''" }));
    await recorder.step("the impersonated", () => withToken(session, short?.authStore.token).collection(NAME).authRefresh());
    await recorder.step("the verification", () => elsewhere(session).collection(NAME).confirmVerification(verification.token ?? ""));
    await recorder.step("the reset", () => elsewhere(session).collection(NAME).confirmPasswordReset(reset.token ?? "", "another horse", "another horse"));
    await recorder.step("the change", () => elsewhere(session).collection(NAME).confirmEmailChange(change.token ?? "", PASSWORD));
    await recorder.step("the code", () => elsewhere(session).collection(NAME).authWithOTP(code?.otpId ?? "", coded.code ?? ""));
    await recorder.step("the code again", () => elsewhere(session).collection(NAME).authWithOTP(code?.otpId ?? "", coded.code ?? ""));
    await recorder.step("the half sign-in", () => elsewhere(session).collection("shortsmfa").authWithOTP(mfaCode?.otpId ?? "", mfaCoded.code ?? "", { mfaId }));
    await recorder.step("what they are", () => superuser.collection(NAME).getFullList({ sort: "id", fields: "email,verified" }));
    recorder.note("other mails", await mailbox.rest());
}
