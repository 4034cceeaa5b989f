// Opens a link as a browser does, types what is given, presses the button, and prints what there is to read, before and
// after. `--link URL`, and for the fields of the form `--FIELD TEXT`. Without `--press` nothing is pressed.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { JSDOM } from "jsdom";

const text = { type: "string" };
const options = { link: text, password: text, passwordConfirm: text, press: { type: "boolean" } };
const { link, press, ...typed } = parseArgs({ options }).values;
const reply = await fetch(link);
const html = await reply.text();

// A browser runs the script and applies the style if and only if the policy names their hashes.
const policy = reply.headers.get("content-security-policy").split("; ");
for (const [element, directive] of [["script", "script-src"], ["style", "style-src"]]) {
  const found = [...html.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, "gs"))];
  const hash = createHash("sha256").update(found[0][1]).digest("base64");
  assert.equal(found.length, 1);
  assert.ok(policy.includes(`${directive} 'sha256-${hash}'`), `${directive} in ${policy}`);
}

let calls = 0;
const { window } = new JSDOM(html, {
  url: link,
  runScripts: "dangerously",
  beforeParse(window) {
    window.TextDecoder = TextDecoder;
    window.fetch = (target, init) => {
      calls += 1;
      return fetch(new URL(target, window.location.href), init);
    };
  },
});
const shown = () => {
  const section = window.document.querySelector("section.shown") ?? window.document.querySelector(".other");
  const parts = [...section.querySelectorAll("h1, p")].filter((part) => !part.closest("[hidden]"));
  return parts.map((part) => part.textContent.trim()).filter(Boolean).join("\n");
};
console.log(shown());
assert.equal(calls, 0, "nothing is sent unasked");
if (press) {
  const form = window.document.querySelector("section.shown form");
  for (const [name, value] of Object.entries(typed)) form.elements[name].value = value;
  form.querySelector("button").click();
  for (let turn = 0; turn < 3000 && (turn === 0 || form.querySelector("button").disabled); turn += 1) await pause(10);
  console.log(`---\n${shown()}`);
}
window.close();
