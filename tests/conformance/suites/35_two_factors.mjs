// Two methods in both orders, with what the mails say.

import { elsewhere } from "../accounts/clients.mjs";
import { PASSWORD, emailOf, idOf, makeAccounts } from "../accounts/collection.mjs";
import { takeMail } from "../accounts/mails.mjs";

const NAME = "factors";

export async function run(session) {
    const { recorder, superuser, mailbox } = session;
    const mfa = { enabled: true, duration: 600, rule: "" };
    await makeAccounts(session, NAME, ["anna", "ben", "carl"], { mfa });
    await makeAccounts(session, "factorselse", ["anna"], { mfa });
    /** The id of the half sign-in that a reply of 401 names; the SDK shows it in the error. */
    const half = async (label, call) => {
        let mfaId;
        await recorder.step(label, () =>
            call().catch((error) => {
                mfaId = error.response?.mfaId;
                throw error;
            }),
        );
        return mfaId;
    };
    const byPassword = (options, name = "anna", password = PASSWORD, collection = NAME) =>
        elsewhere(session).collection(collection).authWithPassword(emailOf(collection, name), password, options);
    const byCode = async (label, name, options) => {
        const otp = await recorder.step(`${label}: ${name} requests a code`, () => elsewhere(session).collection(NAME).requestOTP(emailOf(NAME, name)));
        const { code } = await takeMail(session, label, emailOf(NAME, name));
        return () => elsewhere(session).collection(NAME).authWithOTP(otp?.otpId ?? "", code ?? "", options);
    };
    const waiting = (label) => recorder.step(`who waits ${label}`, () => superuser.collection("_mfas").getFullList({ fields: "method,recordRef,collectionRef", sort: "created" }));

    const afterPassword = await half("password first", () => byPassword());
    await half("the same method again", () => byPassword({ mfaId: afterPassword }));
    await half("a wrong password with the id", () => byPassword({ mfaId: afterPassword }, "anna", "wrong horse"));
    await half("the id of another account", () => byPassword({ mfaId: afterPassword }, "ben"));
    await half("the id in another collection", () => byPassword({ mfaId: afterPassword }, "anna", PASSWORD, "factorselse"));
    await half("the code of another account", await byCode("another account", "ben", { mfaId: afterPassword }));
    await waiting("before");
    await recorder.step("the code second", await byCode("second", "anna", { mfaId: afterPassword }));
    await waiting("after");
    await half("the id again", await byCode("again", "anna", { mfaId: afterPassword }));

    const codeFirst = await byCode("first", "carl");
    const afterCode = await half("a code first", codeFirst);
    await half("the code again", codeFirst);
    await half("a wrong password second", () => byPassword({ mfaId: afterCode }, "carl", "wrong horse"));
    await recorder.step("the password second", () => byPassword({ mfaId: afterCode }, "carl"));
    await recorder.step("the password second again", () => byPassword({ mfaId: afterCode }, "carl"));
    await recorder.step("what carl is", () => superuser.collection(NAME).getOne(idOf(NAME, "carl"), { fields: "email,verified" }));
    await waiting("at last");

    const changed = await half("password first, then it changes", () => byPassword({}, "ben"));
    await recorder.step("ben gets another password", () => superuser.collection(NAME).update(idOf(NAME, "ben"), { password: "another horse", passwordConfirm: "another horse" }));
    await half("the id from before the change", await byCode("after the change", "ben", { mfaId: changed }));
    for (const mfaId of ["", "bogus", 5, null, ["a"], "x".repeat(300)]) {
        await half(`the id ${JSON.stringify(mfaId).slice(0, 20)}`, () => elsewhere(session).send(`/api/collections/${NAME}/auth-with-password`, {
            method: "POST", body: { identity: emailOf(NAME, "anna"), password: PASSWORD, mfaId },
        }));
    }
    await half("auth-refresh asks for no second factor", async () => {
        const client = await superuser.collection(NAME).impersonate(idOf(NAME, "anna"), 600);
        return client.collection(NAME).authRefresh();
    });
    recorder.note("other mails", await mailbox.rest());
}
