/** The page: finds the services, opens a client for each, and shows the chosen one. */
import { showActions } from "./actions.js";
import { openClients } from "./clients.js";
import { fill, h, set } from "./dom.js";
import { say } from "./i18n.js";
import { ledgerIn } from "./ledger.js";
import { switches } from "./look.js";
import { showPass, startClock } from "./pass.js";
import { rail } from "./rail.js";
import { resultIn } from "./result.js";
import { controlOf, findSandbox } from "./sandbox.js";
import { SERVICES } from "./services.js";
import { showSignIn } from "./signin.js";
import { showSnippet } from "./snippets.js";
import { tappedFetch } from "./wire.js";

const place = (id) => document.getElementById(id);
/** Reasons for which a session appears or goes; the others leave the desk as it is. */
const TURNS = new Set(["login", "restore", "sync", "expire", "logout"]);

for (const element of document.querySelectorAll("[data-say]")) set(element, "text", say(element.getAttribute("data-say")));
for (const element of document.querySelectorAll("[data-say-label]")) {
  set(element, "aria-label", say(element.getAttribute("data-say-label")));
}
switches(() => {});

const sandbox = await findSandbox();
if (sandbox) await start(sandbox);
else fill(place("desk"), h("h2", { text: say("offline") }), h("p", { text: say("offlineHint") }));
document.body.dataset.ready = "true";

/** @param {import("./sandbox.js").Sandbox} sandbox */
async function start(sandbox) {
  const result = resultIn(place("result"));
  const ledger = ledgerIn(place("ledger"));
  place("clear").addEventListener("click", ledger.clear);

  const clients = await openClients(sandbox.services, {
    fetch: tappedFetch,
    onTrace: ledger.add,
    onWarning: result.warned,
  });
  const control = controlOf(sandbox);
  /** Services that give tokens of 20 seconds. */
  const brief = new Set();
  const gates = rail(place("rail"), (id) => {
    result.clear();
    choose(id);
  });
  let chosen = firstChoice();
  let busy = false;

  /** Runs an action, one at a time, and shows its error; what went well shows itself. Resolves to whether it did. */
  async function run(work) {
    if (busy) return false;
    busy = true;
    document.body.setAttribute("aria-busy", "true");
    result.busy();
    try {
      await work();
      return true;
    } catch (error) {
      result.failed(error);
      return false;
    } finally {
      busy = false;
      document.body.removeAttribute("aria-busy");
    }
  }

  function choose(id) {
    chosen = id;
    // In the address, so that a reload and a link lead here; a callback's query stays for `handleRedirect`.
    history.replaceState(null, "", `${location.pathname}${location.search}#${id}`);
    gates.choose(id);
    place("main").dataset.service = id;
    showSnippet(place("snippet"), id);
    show();
  }

  function show() {
    const service = SERVICES.find(({ id }) => id === chosen);
    const client = clients.get(chosen);
    showPass(place("pass"), chosen, client.session);
    const { api } = sandbox.services[chosen];
    if (client.session) showActions(place("desk"), service, client, { api, control, ledger, result, brief }, run);
    else showSignIn(place("desk"), service, client, run);
  }

  for (const [id, client] of clients) {
    gates.signedIn(id, Boolean(client.session));
    client.subscribe((session, reason) => {
      gates.signedIn(id, Boolean(session));
      if (id !== chosen) return;
      showPass(place("pass"), id, session);
      if (!TURNS.has(reason)) return;
      show();
      // The button that was pressed is gone; the keyboard goes on at what has taken its place.
      /** @type {HTMLElement | null} */ (place("desk").querySelector("button"))?.focus();
      if (reason !== "sync") result.done(reason);
    });
  }
  choose(chosen);
  startClock(place("pass"));
  addEventListener("hashchange", () => choose(firstChoice()));
  // The browser may keep the page as it was left for bstats.ru, still waiting.
  addEventListener("pageshow", (event) => event.persisted && location.reload());

  // Back from bstats.ru? On every other load the address has no code and no error, and this gives null.
  try {
    const back = await clients.get("bstats").handleRedirect();
    if (back?.returnTo) history.replaceState(null, "", back.returnTo);
    else if (clients.get(chosen).session) result.done("restore");
  } catch (error) {
    result.failed(error);
  }
}

function firstChoice() {
  const query = new URLSearchParams(location.search);
  if (query.has("code") || query.has("error")) return "bstats";
  const named = location.hash.slice(1);
  return SERVICES.some(({ id }) => id === named) ? named : SERVICES[0].id;
}
