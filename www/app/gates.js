/**
 * The five services, a row for each: the choice of one (radio buttons, so that arrow keys and screen readers know what
 * to do), and how far each sign-in has come.
 */
import { isAuthError } from "propusk";
import { fill, h, set } from "./dom.js";
import { number, say, t } from "./i18n.js";
import { SERVICES } from "./services.js";

/** @param {Element} place @param {(id: string) => void} onChoose */
export function gatesIn(place, onChoose) {
  const rows = new Map(SERVICES.map(({ id }) => [id, rowOf(id, onChoose)]));
  const row = (id) => /** @type {ReturnType<typeof rowOf>} */ (rows.get(id));
  fill(
    place,
    h("legend", { class: "unseen", text: say("choose") }),
    Array.from(rows.values(), ({ element }) => element),
  );
  return {
    choose: (id) => row(id).check(),
    /** @param {string} id @param {import("propusk").Session | null} session */
    show: (id, session) => row(id).show(session),
    /** A sign-in has come so far. @param {string} id @param {"login" | "code" | "consent"} step */
    step: (id, step) => row(id).state("busy", say(`step.${step}`)),
    /** Nobody is signed in, and why. @param {string} id @param {unknown} error */
    failed(id, error) {
      if (isAuthError(error, "second_factor_required")) row(id).state("busy", say("step.code"));
      else row(id).state("failed", isAuthError(error) ? error.code : String(error));
    },
    took: (id, ms) => row(id).took(ms),
  };
}

function rowOf(id, onChoose) {
  const input = h("input", { type: "radio", name: "service", value: id, id: `service-${id}`, onchange: () => onChoose(id) });
  const state = h("span", { class: "state" });
  const took = h("span", { class: "took" });
  const element = h(
    "label",
    { class: "gate", "data-service": id, for: input.id },
    input,
    h("span", { class: "name", text: say(`name.${id}`) }),
    h("span", { class: "way", text: say(`way.${id}`) }),
    state,
    took,
  );
  const tell = (kind, text) => {
    state.dataset.kind = kind;
    set(state, "text", text);
  };
  return {
    element,
    check: () => (input.checked = true),
    state: tell,
    show(session) {
      if (!session) set(took, "text", "");
      if (session) tell("in", session.subject ?? say("step.in"));
      else tell("out", say("step.out"));
    },
    took: (ms) => set(took, "text", () => `${number(ms, { maximumFractionDigits: 0 })} ${t("ms")}`),
  };
}
