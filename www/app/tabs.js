/**
 * A second tab with the same session: one that a page opens begins with a copy of its sessionStorage, and the clients of
 * both find each other. The tabs of this page know of each other by a channel of the page's own, to act at once.
 */
import { set } from "./dom.js";
import { say } from "./i18n.js";

/** Calls of each tab. */
const CALLS = 10;
/** A tab that has crashed says nothing any more, ms. */
const PATIENCE = 20_000;

/** @param {Map<string, import("propusk").AuthClient<any>>} clients @param {Record<string, { api: string }>} services */
export function tabsOf(clients, services) {
  const own = crypto.randomUUID();
  const channel = new BroadcastChannel("propusk-demo");
  /** @type {Set<string>} */
  const others = new Set();
  /** Who waits for the others' calls. @type {Map<string, (ok: number) => void>} */
  const waiting = new Map();
  /** What shows how many there are. @type {Map<HTMLElement, (element: HTMLElement) => void>} */
  const followers = new Map();
  const tell = () => {
    for (const [element, show] of followers) {
      if (element.isConnected) show(element);
      else followers.delete(element);
    }
  };
  const announce = (kind, more = {}) => channel.postMessage({ kind, from: own, ...more });

  channel.onmessage = async ({ data: { kind, from, to, service, ok } }) => {
    if (kind === "hello" || kind === "here") others.add(from);
    if (kind === "hello") announce("here");
    if (kind === "bye") others.delete(from);
    if (kind === "go") announce("done", { to: from, ok: await callAll(clients.get(service), services[service].api) });
    if (kind === "done" && to === own) waiting.get(from)?.(ok);
    tell();
  };
  addEventListener("pagehide", () => announce("bye"));
  announce("hello");

  /** Follows how many there are, for as long as the element is on the page. */
  function follow(element, show) {
    followers.set(element, show);
    show(element);
    return element;
  }

  return {
    open() {
      const width = Math.min(720, Math.max(360, Math.round(screen.availWidth / 2)));
      window.open(location.href, "_blank", `popup,width=${width},height=${screen.availHeight},left=${screen.availWidth - width},top=0`);
    },
    whenOpen: (button) => follow(button, (element) => set(element, "disabled", others.size === 0)),
    told: (note) => follow(note, (element) => set(element, "text", others.size ? say("tabsOpen", others.size) : say("tabsNone"))),

    /** All tabs call at once, with a token that the service has just ended. */
    async together(service, client, api, control) {
      await control.expire(service);
      const before = await control.renewals(service);
      const answers = Array.from(others, (other) => {
        const { promise, resolve } = settled();
        waiting.set(other, resolve);
        setTimeout(resolve, PATIENCE, 0);
        return promise.finally(() => waiting.delete(other));
      });
      announce("go", { service });
      const oks = await Promise.all([callAll(client, api), ...answers]);
      const renewals = (await control.renewals(service)) - before;
      return { count: oks.length, calls: oks.reduce((sum, ok) => sum + ok, 0), renewals };
    },
  };
}

/** How many of a tab's calls were answered. */
async function callAll(client, api) {
  const calls = Array.from({ length: CALLS }, () => client.fetch(api, { cache: "no-store" }));
  const answers = await Promise.allSettled(calls);
  return answers.filter((answer) => answer.status === "fulfilled" && answer.value.ok).length;
}

function settled() {
  /** @type {(value: number) => void} */
  let resolve = () => {};
  /** @type {Promise<number>} */
  const promise = new Promise((done) => (resolve = done));
  return { promise, resolve };
}
