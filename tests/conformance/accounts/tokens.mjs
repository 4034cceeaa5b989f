// Tokens that are not to be believed.

import { createHmac } from "node:crypto";

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const claimsOf = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());

const LENGTH_OF_WORDS_MAX = 60;

/** `{name: token}`: what somebody may make of a token that is right. They are recorded by name. */
export function forgeries(recorder, token = "e30.e30.e30") {
    const made = forged(token);
    for (const [name, text] of Object.entries(made)) {
        if (text.length > LENGTH_OF_WORDS_MAX) recorder.replace(text, `<token with ${name}>`);
    }
    return made;
}

function forged(token) {
    const [header, claims, signature] = token.split(".");
    const other = (changes) => encode({ ...claimsOf(token), ...changes });
    const signed = (head, secret, hash = "sha256") => {
        const text = `${encode(head)}.${claims}`;
        return `${text}.${createHmac(hash, secret).update(text).digest("base64url")}`;
    };
    const without = (name) => {
        const { [name]: _, ...rest } = claimsOf(token);
        return encode(rest);
    };
    return {
        "alg none": `${encode({ alg: "none", typ: "JWT" })}.${claims}.`,
        "alg none with the signature": `${encode({ alg: "none", typ: "JWT" })}.${claims}.${signature}`,
        "alg None": `${encode({ alg: "None", typ: "JWT" })}.${claims}.`,
        "alg HS512": signed({ alg: "HS512", typ: "JWT" }, "secret", "sha512"),
        "alg RS256": `${encode({ alg: "RS256", typ: "JWT" })}.${claims}.${signature}`,
        "no alg": `${encode({ typ: "JWT" })}.${claims}.${signature}`,
        "an empty secret": signed({ alg: "HS256", typ: "JWT" }, ""),
        "no signature": `${header}.${claims}.`,
        "two parts": `${header}.${claims}`,
        "four parts": `${token}.${signature}`,
        "another signature": `${header}.${claims}.${flipFirst(signature)}`,
        "a longer life": `${header}.${other({ exp: claimsOf(token).exp + 1000 })}.${signature}`,
        "another id": `${header}.${other({ id: "somebodyelse000" })}.${signature}`,
        "another type": `${header}.${other({ type: "auth" })}.${signature}`,
        "another email": `${header}.${other({ email: "somebody@else.example" })}.${signature}`,
        "no id": `${header}.${without("id")}.${signature}`,
        "no type": `${header}.${without("type")}.${signature}`,
        "no email": `${header}.${without("email")}.${signature}`,
        "no end": `${header}.${without("exp")}.${signature}`,
        "blanks around": ` ${token} `,
        garbage: "garbage",
        dots: "..",
        "an empty object": `${encode({})}.${encode({})}.`,
        "oversized": `${header}.${other({ filler: "x".repeat(20_000) })}.${signature}`,
    };
}

const flipFirst = (signature) => (signature[0] === "A" ? "B" : "A") + signature.slice(1);
