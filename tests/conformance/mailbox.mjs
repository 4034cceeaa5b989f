// A real mail server for one run: the server under test sends its mails here, and suites take them out again.

const PATIENCE_MILLISECONDS = 15_000;
const LOOK_EVERY_MILLISECONDS = 10;

export class Mailbox {
    #mails = [];

    /** Listens on a free port of this machine; `packages` resolves `smtp-server` and `mailparser`. */
    static async start(packages) {
        const { SMTPServer } = packages("smtp-server");
        const { simpleParser } = packages("mailparser");
        const mailbox = new Mailbox();
        mailbox.server = new SMTPServer({
            authOptional: true,
            disabledCommands: ["AUTH", "STARTTLS"],
            onData: (stream, session, callback) =>
                simpleParser(stream).then((mail) => {
                    mailbox.#mails.push({ to: session.envelope.rcptTo.map((one) => one.address), envelopeFrom: session.envelope.mailFrom.address, mail });
                    callback();
                }, callback),
        });
        await new Promise((resolve, reject) => mailbox.server.once("error", reject).listen(0, "127.0.0.1", resolve));
        mailbox.port = mailbox.server.server.address().port;
        return mailbox;
    }

    /** The first mail to this address that was not taken yet; `undefined` if none comes in time. */
    async next(address) {
        const end = Date.now() + PATIENCE_MILLISECONDS;
        while (Date.now() < end) {
            const at = this.#mails.findIndex(({ to }) => to.includes(address));
            if (at >= 0) return this.#mails.splice(at, 1)[0];
            await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MILLISECONDS));
        }
        return undefined;
    }

    /** To whom mails came that nobody took, in the order of the alphabet. */
    async rest(milliseconds = 1500) {
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
        return this.#mails.splice(0).map(({ to, mail }) => `${to}: ${mail.subject}`).sort();
    }

    /** Ends it at once, whoever is connected. */
    stop() {
        return new Promise((resolve) => this.server.close(resolve));
    }
}
