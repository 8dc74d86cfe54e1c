/** The ledger: a line for each request that went out, the newest first; equal ones of one storm share a line. */
import { digestSteps } from "./digest.js";
import { fill, h, set } from "./dom.js";
import { number, say, spoken, t } from "./i18n.js";
import { seenOf } from "./wire.js";

/** More lines than anybody reads would only make the page slow. */
const LONGEST = 60;

/** @param {HTMLElement} place */
export function ledgerIn(place) {
  const list = h("ol", { class: "lines", reversed: true });
  const empty = h("p", { class: "quiet", text: say("ledgerEmpty") });
  /** Lines that storms add to, by service and by what they have in common. @type {Map<string, Map<string, ReturnType<typeof lineOf>>>} */
  const storms = new Map();
  /** How many requests there were, by service. @type {Map<string, number>} */
  const counts = new Map();
  const countOf = (id) => counts.get(id) ?? 0;
  fill(place, empty, list);

  return {
    clear() {
      fill(list);
      empty.hidden = false;
    },
    /** From now on equal requests of a service share a line. */
    gather: (id) => storms.set(id, new Map()),
    apart: (id) => storms.delete(id),
    /** Gives a function that tells how many requests a service has had since. */
    counting(id) {
      const before = countOf(id);
      return () => countOf(id) - before;
    },

    /** @param {import("propusk").TraceRecord} trace */
    add(trace) {
      counts.set(trace.provider, countOf(trace.provider) + 1);
      const seen = seenOf(trace);
      const storm = storms.get(trace.provider);
      const kind = [trace.purpose, trace.method, trace.url, trace.status].join(" ");
      const earlier = storm?.get(kind);
      if (earlier) {
        earlier.again(trace);
        return;
      }
      const line = lineOf(trace, seen);
      storm?.set(kind, line);
      empty.hidden = true;
      list.prepend(line.element);
      while (list.childElementCount > LONGEST) list.lastElementChild?.remove();
    },
  };
}

function lineOf(trace, seen) {
  const at = new Date();
  let count = 1;
  let longest = trace.duration;
  const times = h("span", { class: "times", hidden: true });
  const spent = h("span", { class: "spent" });
  const tell = () => {
    set(spent, "text", () => `${count > 1 ? "≤ " : ""}${number(longest, { maximumFractionDigits: 0 })} ${t("ms")}`);
    times.hidden = count === 1;
    set(times, "text", () => `×${number(count)}`);
    set(times, "title", () => t("times", count));
  };
  tell();
  const good = trace.status !== null && trace.status < 300 && !trace.error;
  const element = h(
    "li",
    { "data-service": trace.provider, "data-purpose": trace.purpose, "data-status": trace.status ?? "none" },
    h(
      "details",
      {},
      h(
        "summary",
        {},
        h("time", { text: () => at.toLocaleTimeString(spoken(), { hour12: false }) }),
        h("span", { class: "purpose", text: say(`purpose.${trace.purpose}`) }),
        h("span", { class: "method", text: trace.method }),
        h("span", { class: "address" }, ...address(trace.url)),
        times,
        h("span", { class: `status ${good ? "good" : "bad"}`, text: String(trace.status ?? "—") }),
        spent,
      ),
      detailsOf(trace, seen),
    ),
  );
  return {
    element,
    again({ duration }) {
      count += 1;
      longest = Math.max(longest, duration);
      tell();
    },
  };
}

/** Where to is what differs; the host is on all of them. */
function address(url) {
  const [, host, path] = /^(https?:\/\/[^/]*)(.*)$/.exec(url) ?? ["", "", url];
  return [h("span", { class: "host", text: host }), path];
}

/** @param {import("propusk").TraceRecord} trace @param {import("./wire.js").Seen | null} seen */
function detailsOf(trace, seen) {
  const hashed = trace.provider === "bifit-kassa" && (trace.purpose === "login" || trace.purpose === "confirm");
  const answer = h("div", {}, h("p", { class: "quiet", text: say("noAnswer") }));
  seen?.answered.then((message) => message && fill(answer, ...messageOf(message)));
  return h(
    "div",
    { class: "wire" },
    (trace.error || trace.attempt > 1) &&
      h("p", {}, trace.error && h("code", { text: trace.error }), " ", trace.attempt > 1 && say("attempt", trace.attempt)),
    seen ? h("section", {}, h("h3", { text: say("asked") }), ...messageOf(seen.asked)) : h("p", { class: "quiet", text: say("notKept") }),
    seen && h("section", {}, h("h3", { text: say("answered") }), answer),
    hashed && digestSteps(),
  );
}

/** @param {import("./wire.js").Message} message */
function messageOf({ headers, body }) {
  const pairs = (entries) => h("dl", {}, entries.map(([name, value]) => h("div", {}, name && h("dt", { text: name }), h("dd", { text: value }))));
  const fields = h("div", { class: "fields" }, h("p", { class: "quiet", text: say("noBody") }));
  body?.then((found) => found?.length && fill(fields, pairs(found)));
  return [pairs(headers), fields];
}
