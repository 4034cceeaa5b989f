// Bodies as multipart and URL-encoded forms: what their texts become.

import { TYPED } from "../generate/types.mjs";
import { recordId } from "../generate/records.mjs";

const VALUES = ["", " ", "1", "-1.5", "1e3", "01", "1.0", "true", "false", "TRUE", "null", "[]", "[1,2]", '["a","b"]', "{}", '{"a":1}', '{"lon":1,"lat":2}', "a", "a,b", '"a"', "2024-05-06", " 5 ", "0x1", "12345678901234567890", recordId("teams", 1), "ü", "{bad", "[bad", "Infinity", "+5", "5.", ".5", "1_0"];
const NAMES = ["text", "number", "bool", "select", "selects", "json", "point", "one", "some", "date", "editor"];
const PAYLOADS = [
    ['{"text":"a","number":1}'], ['{"text":"a"}', '{"number":2}'], ['{"text":"a"}', '{"text":"b"}'], ["{}"], [""], ["null"], ["[]"], ["{bad"], ['"text"'], ["1"], ['{"text":"a"}', "{bad"], ['{"selects":["a"]}', '{"selects":["b"]}'], ['{"number+":2}'], ['{"text":"a","text":"b"}'],
];

export async function run({ recorder, superuser }) {
    const path = `/api/collections/${TYPED.name}/records`;
    const headers = { Authorization: superuser.authStore.token };
    const fields = `?fields=${NAMES.join(",")}`;
    const encoded = (label, pairs, id = "") =>
        recorder.raw(`encoded ${label}`, id ? "PATCH" : "POST", path + id + fields, { headers, body: new URLSearchParams(pairs) });
    const multipart = (label, pairs, id = "") => {
        const body = new FormData();
        for (const [name, value] of pairs) body.append(name, value);
        return recorder.raw(`multipart ${label}`, id ? "PATCH" : "POST", path + id + fields, { headers, body });
    };

    for (const send of [encoded, multipart]) {
        await send("nothing", []);
        for (const name of NAMES) {
            for (const value of VALUES) await send(`${name}=${value}`, [[name, value]]);
            await send(`${name} twice`, [[name, "a"], [name, "b"]]);
            await send(`${name} twice the same`, [[name, "1"], [name, "1"]]);
            await send(`${name} empty and one`, [[name, ""], [name, "1"]]);
        }
        for (const parts of PAYLOADS) await send(`@jsonPayload ${parts.join(" and ")}`, parts.map((part) => ["@jsonPayload", part]));
        await send("a field before @jsonPayload", [["text", "field"], ["@jsonPayload", '{"text":"payload"}']]);
        await send("a field after @jsonPayload", [["@jsonPayload", '{"text":"payload"}'], ["text", "field"]]);
        await send("a list in both", [["selects", "a"], ["@jsonPayload", '{"selects":["b"]}']]);
        for (const pairs of [[["selects+", "a"]], [["selects", "a"], ["selects+", "b"]], [["number+", "2"]], [["+selects", "c"]], [["nothing", "x"]], [["", "x"]], [["text[]", "x"]], [["selects[]", "a"]], [["selects[0]", "a"]], [["selects.0", "a"]], [["point.lon", "1"]], [["id", "formedformed001"]], [["id", "formedformed001"]], [["id", "short"]], [["text:autogenerate", ""]]]) {
            await send(JSON.stringify(pairs), pairs);
        }
        for (const pairs of [[], [["text", "new"]], [["selects+", "c"]], [["selects-", "c"]], [["number+", "1"]], [["number-", "0.5"]], [["some+", recordId("teams", 2)]], [["some-", recordId("teams", 2)]], [["json", "[1]"]], [["bool", "true"]]]) {
            await send(`update ${JSON.stringify(pairs)}`, pairs, "/formedformed001");
        }
    }
    const form = (label, body, type) => recorder.raw(label, "POST", path + fields, { body, headers: { ...headers, "content-type": type } });
    await form("encoded, broken", "text=%zz&number=1", "application/x-www-form-urlencoded");
    await form("encoded, odd", "&&text&=x&number=1&", "application/x-www-form-urlencoded");
    await form("encoded, plus and percent", "text=a+b%20c%2B&number=%31", "application/x-www-form-urlencoded");
    await form("encoded, semicolons", "text=a;number=1", "application/x-www-form-urlencoded");
    await form("encoded, with a charset", "text=a", "application/x-www-form-urlencoded; charset=utf-8");
    await form("multipart without a boundary", "--x\r\n\r\n", "multipart/form-data");
    await form("multipart, cut off", '--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nabc', "multipart/form-data; boundary=x");
    await form("multipart, no parts", "--x--\r\n", "multipart/form-data; boundary=x");
    await form("multipart, empty", "", "multipart/form-data; boundary=x");
    await form("multipart, other line ends", '--x\nContent-Disposition: form-data; name="text"\n\nabc\n--x--\n', "multipart/form-data; boundary=x");
    await form("multipart, no name", "--x\r\nContent-Disposition: form-data\r\n\r\nabc\r\n--x--\r\n", "multipart/form-data; boundary=x");
    await form("JSON as text/plain", '{"text":"plain"}', "text/plain");
    await form("JSON as unknown", '{"text":"plain"}', "application/unknown");
    await form("JSON with a charset", '{"text":"plain"}', "application/json; charset=utf-8");
    await form("XML", "<a/>", "application/xml");
}
