/** The code of the last action, and a button that copies it. */
import { codeOf } from "./code.js";
import { fill, h, set } from "./dom.js";
import { say } from "./i18n.js";
import { serviceOf } from "./services.js";

/** How long the button says that it has copied, ms. */
const TOLD = 2000;

/** @param {Element} place @param {Record<string, { baseUrl: string, api: string }>} services */
export function snippetIn(place, services) {
  const pre = h("pre", { tabindex: "0" });
  const note = h("p", { class: "quiet", text: say("snippetNote") });
  const copy = h("button", { type: "button", class: "link", text: say("copy") });
  /** What was done last, for each service. @type {Map<string, [string, string | undefined]>} */
  const last = new Map();
  let chosen = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(`${pre.textContent}\n`).then(
      () => set(copy, "text", say("copied")),
      // Not allowed: marked, it is one key away.
      () => getSelection()?.selectAllChildren(pre),
    );
    clearTimeout(timer);
    timer = setTimeout(() => set(copy, "text", say("copy")), TOLD);
  });
  fill(place, h("div", { class: "row" }, h("h2", { id: "snippet-title", text: say("snippet") }), copy), pre, note);

  function view() {
    const { failing, accounts, outage } = serviceOf(chosen);
    const [action, username = accounts[0]?.values.username] = last.get(chosen) ?? ["login"];
    pre.textContent = codeOf(chosen, action, { ...services[chosen], failing, username, outage: outage.act });
  }
  return {
    choose(id) {
      chosen = id;
      view();
    },
    /** @param {string} id @param {string} action @param {string} [username] who signs in with it; else who did before */
    follow(id, action, username) {
      last.set(id, [action, username ?? last.get(id)?.[1]]);
      if (id === chosen) view();
    },
  };
}
