/** What can be done with a session. What a service has no notion of is absent; what does not apply is off and says why. */
import { fill, h } from "./dom.js";
import { say } from "./i18n.js";
import { OUTAGES, outage } from "./outages.js";
import { CALLS, storm } from "./storm.js";

/**
 * @param {HTMLElement} place
 * @param {typeof import("./services.js").SERVICES[number]} service
 * @param {import("propusk").AuthClient<any>} client
 * @param {import("./main.js").Desk} desk
 */
export function showActions(place, service, client, { where, control, ledger, result, brief, tabs, run }) {
  const { renewable } = client.session;
  const { api } = where;

  async function call(address) {
    const started = performance.now();
    const response = await client.fetch(address);
    const ms = Math.round(performance.now() - started);
    // By status and by body: not every service's errors have a status of their own.
    const problem = await client.problem(response);
    if (problem) throw problem;
    result.done("call", [response.status, ms], pretty(await response.text()));
  }

  async function check() {
    const { subject } = await client.check();
    result.done("check", [], subject);
  }

  async function thousand() {
    ledger.gather(service.id);
    try {
      result.counted(await storm(client, where, service.bare, control, result.progress(2 * CALLS)));
    } finally {
      ledger.apart(service.id);
    }
  }

  async function shorten() {
    if (brief.has(service.id)) brief.delete(service.id);
    else brief.add(service.id);
    place.querySelector("[data-action=brief]")?.setAttribute("aria-pressed", String(brief.has(service.id)));
    await control.lifetime(service.id, brief.has(service.id) ? 20 : null);
    await renew();
  }

  async function renew() {
    await client.refresh();
    result.done("refresh");
  }

  async function together() {
    const { count, calls, renewals } = await tabs.together(service.id, client, api, control);
    result.done("tabs", [count, calls, renewals]);
  }

  fill(
    place,
    h("h2", { text: say("whatNow") }),
    h(
      "ul",
      { class: "actions" },
      action("call", "callNote", () => run("call", () => call(api))),
      service.failing && action("fail", "failNote", () => run("fail", () => call(service.failing))),
      action("renew", renewable ? "renewNote" : service.cannotRenew, renewable && (() => run("renew", renew))),
      service.id === "invoicebox" && action("check", "checkNote", () => run("check", check)),
      renewable && action("storm", "stormNote", () => run("storm", thousand)),
      renewable && action("brief", "briefNote", () => run("renew", shorten), { "aria-pressed": String(brief.has(service.id)) }),
    ),
    h("h3", { id: "outages", text: say("outages") }),
    h(
      "div",
      { class: "group four", role: "group", "aria-labelledby": "outages" },
      OUTAGES.map((kind) =>
        h("button", {
          type: "button",
          text: say(`outage.${kind}`),
          onclick: () => run(`outage.${kind}`, () => outage(kind, service, client, api, control, ledger, result)),
        }),
      ),
    ),
    h("h3", { id: "tabs", text: say("tabs") }),
    h(
      "div",
      { class: "group", role: "group", "aria-labelledby": "tabs" },
      h("button", { type: "button", text: say("openTab"), "aria-describedby": "note-tabs", onclick: tabs.open }),
      renewable && tabs.whenOpen(h("button", { type: "button", text: say("bothTabs"), "aria-describedby": "note-tabs", onclick: () => run("storm", together) })),
    ),
    tabs.told(h("p", { id: "note-tabs", class: "quiet" })),
    h("button", { class: "out", type: "button", text: say("signOut"), onclick: () => run("logout", () => client.logout()) }),
  );
}

/** A button and what it does; without `act`, the note says why it is off. */
function action(name, note, act, props = {}) {
  const id = `note-${name}`;
  const button = h("button", { type: "button", text: say(name), "data-action": name, "aria-describedby": id, disabled: !act, ...props });
  if (act) button.addEventListener("click", act);
  return h("li", {}, button, h("p", { id, class: "quiet", text: say(note) }));
}

/** JSON with indents; anything else as it is. */
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
