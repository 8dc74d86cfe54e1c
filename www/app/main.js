/** The page: finds the services, opens a client for each, and shows the chosen one. */
import { showActions } from "./actions.js";
import { openClients } from "./clients.js";
import { fill, h, set } from "./dom.js";
import { gatesIn } from "./gates.js";
import { say } from "./i18n.js";
import { ledgerIn } from "./ledger.js";
import { switches } from "./look.js";
import { showPass, startClock } from "./pass.js";
import { resultsIn } from "./result.js";
import { controlOf, findSandbox } from "./sandbox.js";
import { SERVICES, serviceOf } from "./services.js";
import { showSignIn } from "./signin.js";
import { snippetIn } from "./snippet.js";
import { tabsOf } from "./tabs.js";
import { signInTo } from "./tour.js";
import { tappedFetch } from "./wire.js";

/**
 * What the actions of a service work with.
 *
 * @typedef {object} Desk
 * @property {{ baseUrl: string, api: string }} where paths of this page's server
 * @property {ReturnType<typeof controlOf>} control
 * @property {ReturnType<typeof ledgerIn>} ledger
 * @property {ReturnType<ReturnType<typeof resultsIn>["of"]>} result
 * @property {Set<string>} brief services that give tokens of 20 seconds
 * @property {ReturnType<typeof tabsOf>} tabs
 * @property {(action: string, work: () => Promise<unknown>, how?: { username?: string }) => Promise<boolean>} run
 */

const place = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** Reasons for which a session appears or goes; the others leave the desk as it is. */
const TURNS = new Set(["login", "restore", "sync", "expire", "logout"]);

for (const element of document.querySelectorAll("[data-say]")) set(element, "text", say(element.getAttribute("data-say")));
for (const element of document.querySelectorAll("[data-say-label]")) {
  set(element, "aria-label", say(element.getAttribute("data-say-label")));
}
switches();

const sandbox = await findSandbox();
if (sandbox) await start(sandbox);
else fill(place("desk"), h("h2", { text: say("offline") }), h("p", { text: say("offlineHint") }));
document.body.dataset.ready = "true";

/** @param {import("./sandbox.js").Sandbox} sandbox */
async function start({ services, ...where }) {
  const results = resultsIn(place("result"));
  const ledger = ledgerIn(place("ledger"));
  const snippet = snippetIn(place("snippet"), services);
  place("clear").addEventListener("click", ledger.clear);
  const control = controlOf({ services, ...where });
  const clients = await openClients(services, {
    fetch: tappedFetch,
    onTrace: ledger.add,
    onWarning: (error) => results.of(error.provider ?? chosen).warned(error),
  });
  const brief = new Set(await control.living(20));
  const tabs = tabsOf(clients, services);
  const gates = gatesIn(place("gates"), choose);
  /** Services with an action under way. @type {Set<string>} */
  const busy = new Set();
  let chosen = firstChoice();

  /** Runs an action of a service, one at a time, and shows its error; what went well shows itself. Resolves to whether it did. */
  async function run(id, action, work, /** @type {{ username?: string }} */ { username } = {}) {
    if (busy.has(id)) return false;
    setBusy(id, true);
    snippet.follow(id, action, username);
    results.of(id).busy();
    if (action === "login") gates.step(id, "login");
    try {
      await work();
      return true;
    } catch (error) {
      results.of(id).failed(error);
      if (clients.get(id).session) gates.show(id, clients.get(id).session);
      else gates.failed(id, error);
      return false;
    } finally {
      setBusy(id, false);
    }
  }

  function setBusy(id, yes) {
    if (yes) busy.add(id);
    else busy.delete(id);
    place("desk").setAttribute("aria-busy", String(busy.has(chosen)));
  }

  function choose(id) {
    chosen = id;
    // In the address, so that a reload and a link lead here; a callback's query stays for `handleRedirect`.
    history.replaceState(null, "", `${location.pathname}${location.search}#${id}`);
    gates.choose(id);
    place("main").dataset.service = id;
    results.choose(id);
    snippet.choose(id);
    show();
  }

  function show() {
    const service = serviceOf(chosen);
    const client = clients.get(chosen);
    showPass(place("pass"), chosen, client.session);
    place("desk").setAttribute("aria-busy", String(busy.has(chosen)));
    const id = chosen;
    const runIt = (action, work, how) => run(id, action, work, how);
    if (client.session) showActions(place("desk"), service, client, { where: services[id], control, ledger, result: results.of(id), brief, tabs, run: runIt });
    else showSignIn(place("desk"), service, client, runIt);
  }

  for (const [id, client] of clients) {
    gates.show(id, client.session);
    client.subscribe((session, reason) => {
      gates.show(id, session);
      if (TURNS.has(reason)) results.of(id).done(reason);
      if (id !== chosen) return;
      showPass(place("pass"), id, session);
      if (!TURNS.has(reason)) return;
      const held = place("desk").contains(document.activeElement);
      show();
      // The button that was pressed is gone; the keyboard goes on at what has taken its place.
      if (held) place("desk").querySelector("button")?.focus({ preventScroll: true });
    });
  }
  choose(chosen);
  startClock(place("pass"));
  addEventListener("hashchange", () => choose(firstChoice()));
  // The browser may keep the page as it was left for bstats.ru, still waiting.
  addEventListener("pageshow", (event) => event.persisted && location.reload());

  place("all").addEventListener("click", async () => {
    const started = performance.now();
    for (const [id, client] of clients) {
      if (client.session) continue;
      const began = performance.now();
      const step = (name) => gates.step(id, name);
      let username;
      const worked = await run(id, "login", async () => (username = await signInTo(id, client, { control, step })));
      if (!worked) continue;
      gates.took(id, performance.now() - began);
      results.of(id).done("login");
      snippet.follow(id, serviceOf(id).code ? "confirm" : "login", username);
    }
    const signedIn = [...clients.values()].filter(({ session }) => session).length;
    results.of(chosen).done("all", [signedIn, Math.round(performance.now() - started)]);
  });

  // Back from bstats.ru? On every other load the address has no code and no error, and this gives null.
  try {
    const back = await clients.get("bstats").handleRedirect();
    if (back?.returnTo) history.replaceState(null, "", back.returnTo);
    else for (const [id, { session }] of clients) if (session) results.of(id).done("restore");
  } catch (error) {
    results.of("bstats").failed(error);
  }
}

function firstChoice() {
  const query = new URLSearchParams(location.search);
  if (query.has("code") || query.has("error")) return "bstats";
  const named = location.hash.slice(1);
  return SERVICES.some(({ id }) => id === named) ? named : SERVICES[0].id;
}
