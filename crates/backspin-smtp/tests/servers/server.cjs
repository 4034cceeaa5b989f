// A mail server for the tests: prints its port, then each mail it takes, as lines of JSON. The argument is JSON:
// secure (TLS from the start), starttls (offered), password (of the user "app"; asked for if given), utf8.
const fs = require("node:fs");
const path = require("node:path");
const { SMTPServer } = require("smtp-server");

const options = JSON.parse(process.argv[2]);
const certificate = (name) => fs.readFileSync(path.join(__dirname, "certificates", name));
const print = (value) => process.stdout.write(JSON.stringify(value) + "\n");
const refuse = (code, text) => Object.assign(new Error(text), { responseCode: code });

const server = new SMTPServer({
    secure: options.secure,
    key: certificate("server.key"),
    cert: certificate("server.pem"),
    hideSTARTTLS: !options.starttls,
    hideSMTPUTF8: !options.utf8,
    disabledCommands: options.starttls ? [] : ["STARTTLS"],
    authOptional: !options.password,
    authMethods: ["PLAIN", "LOGIN"],
    allowInsecureAuth: true,
    onAuth({ method, username, password }, session, done) {
        if (username !== "app" || password !== options.password) return done(refuse(535, "wrong password"));
        done(null, { user: `${username} by ${method}` });
    },
    onRcptTo({ address }, session, done) {
        if (address.startsWith("nobody@")) return done(refuse(550, "no such user"));
        if (address.startsWith("later@")) return done(refuse(451, "try again later"));
        done();
    },
    onData(stream, session, done) {
        const chunks = [];
        stream.on("data", (chunk) => chunks.push(chunk));
        stream.on("end", () => {
            print({
                from: session.envelope.mailFrom.address,
                to: session.envelope.rcptTo.map((to) => to.address),
                data: Buffer.concat(chunks).toString(),
                secure: session.secure,
                user: session.user ?? null,
            });
            done();
        });
    },
});
// A client that refuses the certificate is one of the tests.
server.on("error", () => {});
server.listen(0, "127.0.0.1", () => print({ port: server.server.address().port }));
// The test has ended when nobody holds this any more.
process.stdin.on("end", () => process.exit()).resume();
