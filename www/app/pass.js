/** The session as a pass: all that an application may know of it, and no secret. */
import { fill, h } from "./dom.js";
import { guilloche } from "./guilloche.js";
import { number, say, t } from "./i18n.js";

/** Shows `session` in `place`; null: the empty form. */
export function showPass(place, id, session) {
  place.dataset.service = id;
  place.classList.toggle("blank", !session);
  fill(place, stub(), session ? issued(id, session) : blank(), ornament(session ? `${id} ${session.subject}` : id, session));
  tick(place);
}

/** Counts down. The end itself is the client's business; this only shows it. */
export function startClock(place) {
  setInterval(() => tick(place), 250);
}

function tick(place) {
  const clock = place.querySelector("[data-expires]");
  if (!clock) return;
  const left = Number(clock.dataset.expires) - Date.now();
  const text = left > 0 ? duration(left) : t("expired");
  if (clock.textContent !== text) clock.textContent = text;
  place.classList.toggle("over", left <= 0);
}

function duration(ms) {
  const seconds = Math.ceil(ms / 1000);
  const two = (value) => String(value).padStart(2, "0");
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

const stub = () => h("div", { class: "stub", "aria-hidden": "true" }, h("span", { text: say("pass") }));

/** Beside what is written, never behind it; where a session is, the stamp is on it. */
const ornament = (text, session) =>
  h("div", { class: "ornament" }, guilloche(text), session && h("span", { class: "stamp" }, h("span", { class: "good", text: say("valid") }), h("span", { class: "bad", text: say("expired") })));

const blank = () =>
  h(
    "div",
    { class: "body" },
    h("p", { class: "holder", text: say("noPass") }),
    h("p", { class: "quiet", text: say("noPassNote") }),
  );

function issued(id, session) {
  const details = Object.entries(session.details);
  const row = (key, value) => h("div", {}, h("dt", { text: say(key) }), h("dd", {}, value));
  const expires =
    session.expiresAt === null ? say("never") : h("span", { class: "clock", role: "timer", "data-expires": String(session.expiresAt) });
  return h(
    "div",
    { class: "body" },
    h("p", { class: "issuer", text: say(`name.${id}`) }),
    h("p", { class: session.subject ? "holder" : "holder untold" }, h("span", { class: "unseen", text: say("subject") }), session.subject ?? say("notTold")),
    h(
      "dl",
      { class: "facts" },
      row("scope", session.scope.length ? session.scope.map((scope) => h("code", { text: scope })) : say("none")),
      row("expires", expires),
      row("renewable", say(session.renewable ? "yes" : "no")),
      row("kept", say("keptIn")),
    ),
    details.length > 0 &&
      h(
        "details",
        {},
        h("summary", { text: say("details", details.length) }),
        h("dl", { class: "told" }, details.map(([name, value]) => h("div", {}, h("dt", { text: name }), h("dd", { text: shown(value) })))),
      ),
  );
}

const shown = (value) => () => (typeof value === "number" ? number(value, { useGrouping: false }) : typeof value === "string" ? value : JSON.stringify(value));
