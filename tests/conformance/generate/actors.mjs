// Who asks: nobody, members with and without a role, and the superuser.

import { PASSWORD, emailOf } from "./records.mjs";

/** `[{name, client}]`; the members sign in first. */
export async function actors({ recorder, newClient, guest, superuser }) {
    const member = async (at) => {
        const client = newClient();
        await recorder.step(`member ${at} signs in`, () =>
            client.collection("gen_members").authWithPassword(emailOf(at), PASSWORD),
        );
        return { name: `member ${at}`, client };
    };
    return [{ name: "guest", client: guest }, await member(0), await member(1), await member(5), { name: "superuser", client: superuser }];
}
