// Auth collections whose mails have the same texts on every server.

export const PASSWORD = "correct horse";

/** `MINUTES` from making a token to its use may pass without its lifetime being rounded otherwise. */
export const TOKEN_SECONDS = 1825;

/** Every placeholder that there is, and some that there are not. */
const PLACEHOLDERS = "{APP_NAME}|{APP_URL}|{RECORD:name}|{RECORD:email}|{RECORD:id}|{RECORD:level}|{RECORD:secret}|{RECORD:password}|{RECORD:nothing}|{NOTHING}|{ TOKEN }";

const template = (purpose, rest) => ({
    subject: `${purpose} {APP_NAME} {RECORD:name}`,
    body: `<p>${purpose}</p>\n<p>${PLACEHOLDERS}</p>\n<p>${rest}</p>`,
});

const link = (page) => `<a class="btn" href="{APP_URL}/_/#/auth/${page}/{TOKEN}">Go on</a>`;

/** The definition of an auth collection; `options` go over it. */
export function accountCollection(name, options = {}) {
    const token = { duration: TOKEN_SECONDS };
    return {
        name,
        type: "auth",
        listRule: "",
        viewRule: "",
        fields: [
            { name: "name", type: "text" },
            { name: "level", type: "number" },
            { name: "secret", type: "text", hidden: true },
        ],
        passwordAuth: { enabled: true, identityFields: ["email"] },
        otp: { enabled: true, duration: 300, length: 8, emailTemplate: template("code", "<strong>{OTP}</strong> of {OTP_ID}") },
        authAlert: { enabled: false, emailTemplate: template("alert", "{ALERT_INFO}") },
        verificationToken: token,
        passwordResetToken: token,
        emailChangeToken: token,
        verificationTemplate: template("verify", link("confirm-verification")),
        resetPasswordTemplate: template("reset", link("confirm-password-reset")),
        confirmEmailChangeTemplate: template("change", link("confirm-email-change")),
        ...options,
    };
}

/** Makes the collection and, of each of `names`, the account `NAME@COLLECTION.example` with the id `COLLECTIONNAME0…`. */
export async function makeAccounts({ recorder, superuser }, name, names, options = {}) {
    await recorder.step(`create ${name}`, () => superuser.collections.create(accountCollection(name, options)));
    for (const one of names) {
        const account = {
            id: idOf(name, one),
            email: emailOf(name, one),
            name: one,
            level: 2.5,
            secret: "hidden",
            password: PASSWORD,
            passwordConfirm: PASSWORD,
        };
        await recorder.step(`create ${one} of ${name}`, () => superuser.collection(name).create(account));
    }
}

export const emailOf = (collection, name) => `${name}@${collection}.example`;
export const idOf = (collection, name) => `${collection}${name}`.padEnd(15, "0").slice(0, 15);
