// What mails hold: the next one to somebody, written down so that both servers' can be compared, and its token or code.

const TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g;
const TIME = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?Z?( UTC| \+0000 UTC)?/g;

/** Once a mail is out, PocketBase writes down that it is: only then a repetition is held back, and a code verifies an email. */
const NOTED_AFTER_MILLISECONDS = 400;

/** Waits for the next mail to `address` and notes all that a reader sees of it. Returns `{token, code}`, as far as it has them. */
export async function takeMail({ recorder, mailbox }, label, address) {
    const taken = await mailbox.next(address);
    if (!taken) {
        recorder.note(`${label}: mail to ${address}`, "no mail came");
        return {};
    }
    const { mail, envelopeFrom, to } = taken;
    const html = mail.html || "";
    const tokens = html.match(TOKEN) ?? [];
    const code = /<strong>(\d+)<\/strong>/.exec(html)?.[1];
    if (code) recorder.replace(code, `<code of ${code.length} digits>`);
    await new Promise((resolve) => setTimeout(resolve, NOTED_AFTER_MILLISECONDS));
    const plain = (text) => text?.replace(TOKEN, "<token>").replace(TIME, "<time>");
    recorder.note(`${label}: mail to ${address}`, {
        envelope: { from: envelopeFrom, to },
        from: mail.from?.text,
        to: mail.to?.text,
        subject: mail.subject,
        body: plain(bodyOf(html)),
        tokens,
    });
    for (const [at, token] of tokens.entries()) hide(recorder, token, `${label} token ${at + 1} to ${address}`);
    return { token: tokens[0], code };
}

/** From now on the token, and what is made of it, is known by its parts' names. */
function hide(recorder, token, name) {
    const signatureAt = token.lastIndexOf(".") + 1;
    recorder.replace(token.slice(0, signatureAt - 1), `<head and claims of the ${name}>`);
    recorder.replace(token.slice(signatureAt), `<signature of the ${name}>`);
}

/** What the template wrote: the page around it and the blanks are each server's own. */
function bodyOf(html) {
    const body = /<body[^>]*>([\s\S]*)<\/body>/i.exec(html)?.[1] ?? html;
    return body.split("\n").map((line) => line.trim()).filter((line) => line !== "").join("\n");
}
