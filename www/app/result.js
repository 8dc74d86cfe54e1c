/**
 * What came of the last action, for each service its own: whoever looks at another service meanwhile is told nothing
 * that does not belong there. A live region: what is put here is also read out.
 */
import { isAuthError } from "propusk";
import { userMessage } from "propusk/messages";
import { fill, h, retell, set } from "./dom.js";
import { number, say, spoken, t } from "./i18n.js";

/** @param {HTMLElement} place */
export function resultsIn(place) {
  const nothing = { kind: "none", children: [h("p", { class: "quiet", text: say("nothingYet") })] };
  /** @type {Map<string, { kind: string, children: any[] }>} */
  const kept = new Map();
  let chosen = "";

  function view() {
    const { kind, children } = kept.get(chosen) ?? nothing;
    place.dataset.kind = kind;
    fill(place, children);
    retell(place);
  }
  return {
    choose(id) {
      chosen = id;
      view();
    },
    /** What is told of one service. @param {string} id */
    of: (id) =>
      tellings((kind, ...children) => {
        kept.set(id, { kind, children });
        if (id === chosen) view();
      }),
  };
}

/** @param {(kind: string, ...children: any[]) => void} show */
function tellings(show) {
  const line = (text) => h("p", { class: "headline", text });
  return {
    busy: () => show("busy", h("p", { text: say("busy") })),

    /** Shows how far a long action has come. @param {number} all @returns {(done: number) => void} */
    progress(all) {
      const bar = h("progress", { max: String(all), value: 0, "aria-label": say("busy") });
      const label = h("p", { "aria-live": "off" });
      const tell = (done) => {
        bar.value = done;
        set(label, "text", () => t("stormRunning", number(done), number(all)));
      };
      tell(0);
      show("busy", label, bar);
      return tell;
    },

    /** @param {string} key of the text @param {any[]} args @param {string} [code] shown below it as it is */
    done: (key, args = [], code = "") => show("good", line(say(`done.${key}`, ...args)), code && h("pre", { tabindex: "0", text: code })),

    /** An error, in words for people; those for developers are one step away. */
    failed(error) {
      // To be asked for the code is no failure.
      show(isAuthError(error, "second_factor_required") ? "warn" : "bad", ...told(error));
    },

    warned: (error) => show("warn", h("p", { text: say("warning") }), ...told(error)),

    /** What an outage came to. @param {"good" | "warn"} kind @param {() => string} text @param {unknown} [error] */
    outage: (kind, text, error) => show(kind, line(text), ...(error ? told(error) : [])),

    /** @param {import("./storm.js").Storm} storm */
    counted({ calls, propusk, bare }) {
      const row = (name, key, value, options = {}) =>
        h(
          "tr",
          { "data-figure": name },
          h("th", { scope: "row", text: say(key) }),
          [propusk, bare].map((side) => h("td", { text: () => number(value(side), options) })),
        );
      show(
        propusk.renewals === 1 && propusk.ok === calls ? "good" : "bad",
        line(() => t("stormVerdict", calls, propusk.renewals)),
        h(
          "table",
          { class: "figures" },
          h("thead", {}, h("tr", {}, h("td"), h("th", { scope: "col", text: "Propusk" }), h("th", { scope: "col", text: say("bare") }))),
          h(
            "tbody",
            {},
            row("ok", "stormOk", ({ ok }) => ok),
            row("renewals", "stormRenewals", ({ renewals }) => renewals),
            row("seconds", "stormSeconds", ({ seconds }) => seconds, { maximumFractionDigits: 1 }),
          ),
        ),
      );
    },
  };
}

function told(error) {
  const line = h("p", { class: "headline", text: () => userMessage(error, spoken()) });
  if (!isAuthError(error)) return [line, h("p", { lang: "en", text: String(error) })];
  return [
    line,
    h("p", { class: "codes" }, h("code", { text: error.code }), error.status !== null && h("span", { text: () => `${t("status")} ${error.status}` })),
    h(
      "details",
      { class: "developer" },
      h("summary", { text: say("forDeveloper") }),
      h("p", { lang: "en", text: error.message }),
      error.hint && h("p", { lang: "en", text: error.hint }),
    ),
  ];
}
