// What clients are told of the ways to sign in. Uses the collections of the suite of members.

export async function run({ recorder, guest, superuser }) {
    for (const collection of ["acplain", "acclosed", "acnobody", "users", "_pb_users_auth_", "_superusers", "_mfas", "nowhere"]) {
        await recorder.step(`methods of ${collection}`, () => guest.collection(collection).listAuthMethods());
    }
    for (const fields of ["password", "password.enabled,mfa", "*,password.enabled", "nothing", "password:excerpt(1)", ",", "oauth2.providers.name"]) {
        await recorder.step(`fields ${fields}`, () => guest.collection("acplain").listAuthMethods({ fields }));
    }
    await recorder.step("methods for a superuser", () => superuser.collection("acplain").listAuthMethods());
    await recorder.raw("by POST", "POST", "/api/collections/acplain/auth-methods");
    await recorder.raw("by HEAD", "HEAD", "/api/collections/acplain/auth-methods");
}
