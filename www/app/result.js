/** What came of the last action. A live region: what is put here is also read out. */
import { isAuthError } from "propusk";
import { fill, h, set } from "./dom.js";
import { number, say, t } from "./i18n.js";

/** @param {Element} place */
export function resultIn(place) {
  const show = (kind, ...children) => {
    place.setAttribute("data-kind", kind);
    fill(place, children);
    // On a small screen it may be out of sight.
    if (kind !== "none") place.scrollIntoView({ block: "nearest" });
  };
  return {
    clear: () => show("none"),
    busy: () => show("busy", h("p", { text: say("busy") })),

    /** Shows how far a long action has come. @param {number} all @returns {(done: number) => void} */
    progress(all) {
      const bar = h("progress", { max: String(all), value: 0 });
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
    done(key, args = [], code = "") {
      show("good", h("p", { class: "headline", text: say(`done.${key}`, ...args) }), code && h("pre", { tabindex: "0", text: code }));
    },

    /** An error of the library says who is at fault, what was wrong and what to do; there is nothing to add to it. */
    failed(error) {
      if (!isAuthError(error)) {
        show("bad", h("p", { class: "headline", text: String(error) }));
        return;
      }
      // To be asked for the code is no failure.
      show(error.code === "second_factor_required" ? "warn" : "bad", ...told(error));
    },

    warned(error) {
      show("warn", h("p", { text: say("warning") }), ...told(error));
    },

    /** @param {{ calls: number, ok: number, renewals: number, seconds: number }} counts */
    counted({ calls, ok, renewals, seconds }) {
      const figure = (name, value, key) =>
        h("div", { "data-figure": name }, h("dt", { text: say(key) }), h("dd", { text: () => value() }));
      show(
        renewals === 1 && ok === calls ? "good" : "bad",
        h(
          "dl",
          { class: "figures" },
          figure("calls", () => number(calls), "stormCalls"),
          figure("ok", () => number(ok), "stormOk"),
          figure("renewals", () => number(renewals), "stormRenewals"),
          figure("seconds", () => number(seconds, { maximumFractionDigits: 1 }), "stormMs"),
        ),
        h("p", { text: () => t("stormVerdict", number(calls), number(renewals)) }),
      );
    },
  };
}

function told(error) {
  return [
    h("p", { class: "codes" }, h("code", { text: error.code }), error.status !== null && h("span", { text: () => `${t("status")} ${error.status}` })),
    h("p", { class: "headline", text: error.message }),
    error.retryAfter !== null && h("p", { text: say("retryAfter", Math.ceil(error.retryAfter / 1000)) }),
    error.hint && h("p", { class: "hint" }, h("b", { text: say("hint") }), " ", error.hint),
  ];
}
