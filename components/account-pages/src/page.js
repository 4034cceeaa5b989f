// A link in mail ends with what it is for and its token. Nothing is confirmed before somebody presses the button,
// because some mail programs open links by themselves.
"use strict";

const LINK = /^#\/auth\/(confirm-verification|confirm-password-reset|confirm-email-change)\/(.*)$/;
const FAILED = "That did not work. Try again in a moment.";
const TOO_OFTEN = "Too many tries. Wait a moment and try again.";
const WRONG = "That is not the password of the account.";
const DIFFERENT = "The two passwords are not the same.";

/** What a token says. Only the server can tell whether it is true. */
function claimsOf(token) {
  try {
    const base64 = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return Object(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return {};
  }
}

function show(name) {
  for (const section of document.querySelectorAll("section")) {
    section.classList.toggle("shown", section.classList.contains(name));
  }
}

/** Resolves with nothing if it is done, else with the refusal as the API words it. */
async function send(flow, collection, body) {
  const reply = await fetch(`../api/collections/${collection}/${flow}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    credentials: "omit",
  });
  return reply.ok ? undefined : await reply.json();
}

function wordsOf(refusal) {
  if (refusal.status === 429) return TOO_OFTEN;
  if (refusal.data?.password?.code === "validation_invalid_password") return WRONG;
  const field = Object.values(refusal.data ?? {})[0];
  return field?.message ?? refusal.message ?? FAILED;
}

function prepare(section, flow, token, collection) {
  const form = section.querySelector("form");
  const button = form.querySelector("button");
  const problem = document.createElement("p");
  problem.className = "problem";
  problem.setAttribute("role", "alert");
  form.after(problem);
  form.onsubmit = async (event) => {
    event.preventDefault();
    const typed = Object.fromEntries(new FormData(form));
    if ("passwordConfirm" in typed && typed.password !== typed.passwordConfirm) {
      problem.textContent = DIFFERENT;
      return;
    }
    problem.textContent = "";
    button.disabled = true;
    try {
      const refusal = await send(flow, collection, { token, ...typed });
      if (refusal === undefined) {
        section.querySelector(".ask").hidden = true;
        section.querySelector(".done").hidden = false;
      } else if (refusal.status === 404 || refusal.data?.token) {
        show("over");
      } else {
        problem.textContent = wordsOf(refusal);
      }
    } catch {
      problem.textContent = FAILED;
    }
    button.disabled = false;
  };
}

/** Shows whose the link is, to people and to their password managers. */
function tell(section, { email, newEmail }) {
  const isEmail = (text) => /^[^\s@]{1,64}@[^\s@]{1,255}$/.test(text ?? "");
  const shown = newEmail ?? email;
  if (isEmail(shown)) section.querySelector(".email").textContent = shown;
  const account = section.querySelector(".account");
  if (account && isEmail(email)) account.value = email;
}

const [, flow, token] = LINK.exec(location.hash) ?? [];
if (flow) {
  const claims = claimsOf(token);
  const section = document.querySelector(`section.${flow}`);
  if (/^\w+$/.test(claims.collectionId ?? "")) {
    tell(section, claims);
    prepare(section, flow, token, claims.collectionId);
    show(flow);
  } else {
    show("over");
  }
}
// Another link in the same window.
addEventListener("hashchange", () => location.reload());
