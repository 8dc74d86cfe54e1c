/** What can be done with a session. What a service has no notion of is absent; what does not apply is off and says why. */
import { fill, h } from "./dom.js";
import { say } from "./i18n.js";
import { CALLS, storm } from "./storm.js";

/**
 * @param {HTMLElement} place
 * @param {typeof import("./services.js").SERVICES[number]} service
 * @param {import("propusk").AuthClient<any>} client
 * @param {{ api: string, control: ReturnType<typeof import("./sandbox.js").controlOf>, ledger: any, result: any, brief: Set<string> }} desk
 * @param {(work: () => Promise<unknown>) => Promise<boolean>} run shows what comes of it
 */
export function showActions(place, service, client, { api, control, ledger, result, brief }, run) {
  const { renewable } = client.session;

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
    ledger.gather();
    try {
      result.counted(await storm(client, api, control, result.progress(CALLS)));
    } finally {
      ledger.apart();
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

  fill(
    place,
    h("h2", { text: say("whatNow") }),
    h(
      "ul",
      { class: "actions" },
      action("call", "callNote", () => run(() => call(api))),
      service.failing && action("fail", "failNote", () => run(() => call(service.failing))),
      action("renew", renewable ? "renewNote" : service.cannotRenew, renewable && (() => run(renew))),
      service.id === "invoicebox" && action("check", "checkNote", () => run(check)),
      action("storm", renewable ? "stormNote" : "stormCannot", renewable && (() => run(thousand))),
      renewable && action("brief", "briefNote", () => run(shorten), { "aria-pressed": String(brief.has(service.id)) }),
    ),
    h("button", { class: "out", type: "button", text: say("signOut"), onclick: () => run(() => client.logout()) }),
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
