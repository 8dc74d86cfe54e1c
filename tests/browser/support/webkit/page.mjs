/** A window of WebKit's, as far as the tests for every engine use Playwright's `Page`. */
import { setTimeout as wait } from "node:timers/promises";

const DEADLINE = 60_000;
/** Between two looks at something that is waited for. */
const LOOK = 20;
/** Where WebDriver puts an element's id. */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/**
 * Starts a function of ours in the page. It answers at once: the driver could do nothing else as long as it waited. The function is a part of the
 * script, as a page's policy may forbid to make one of a text.
 *
 * @param {string} source
 */
const start = (source) => `
const calls = (window[Symbol.for("calls")] ??= {});
const call = (calls[arguments[0]] = { url: location.href });
const settle = (outcome) => {
  try {
    call.outcome = JSON.stringify(outcome);
  } catch (error) {
    call.outcome = JSON.stringify({ error: String(error) });
  }
};
(async () => (${source})())().then((value) => settle({ value }), (error) => settle({ error: error?.stack ? error + "\\n" + error.stack : String(error) }));
return new Promise((resolve) => setTimeout(resolve, 5));`;

/** What has come of it, once. */
const ASK = `
const call = window[Symbol.for("calls")]?.[arguments[0]];
if (!call) return null;
if (call.outcome) delete window[Symbol.for("calls")][arguments[0]];
return { outcome: call.outcome, url: location.href };`;

/** @typedef {import("./driver.mjs").Session} Session */

/**
 * @param {{ alone: <T>(act: (session: Session) => Promise<T>) => Promise<T>, put: (more: string[]) => void, closing: (handle: string, act: () => Promise<unknown>) => Promise<void> }} context
 * @param {string} handle of its window
 */
export function page(context, handle) {
  /** @type {string[]} */
  const own = [];
  let url = "about:blank";
  let last = 0;

  /** Runs alone, in this window. @template T @param {(session: Session) => Promise<T>} act @returns {Promise<T>} */
  const here = (act) => context.alone(async (session) => {
    await session.post("/window", { handle });
    return act(session);
  });
  /** The same for what loads a page. @param {(session: Session) => Promise<unknown>} act */
  const loading = (act) => here(async (session) => {
    context.put(own);
    try {
      await act(session);
      url = await session.get("/url");
    } finally {
      context.put([]);
    }
  });

  /** @param {string} source of a function without parameters */
  async function run(source) {
    const id = `c${++last}`;
    await here((session) => session.post("/execute/sync", { script: start(source), args: [id] }));
    for (;; await wait(LOOK)) {
      const call = await here((session) => session.post("/execute/sync", { script: ASK, args: [id] }));
      if (!call) throw new Error("the page is another one now");
      url = call.url;
      if (!call.outcome) continue;
      const { value, error } = JSON.parse(call.outcome);
      if (error !== undefined) throw new Error(error);
      return value;
    }
  }

  /** @param {Function | string} what @param {unknown} given */
  const sourceOf = (what, given) => (typeof what === "string" ? `() => (${what})` : `() => (${what})(${literal(given)})`);

  /** @template T @param {() => Promise<T>} look @param {string} what @returns {Promise<NonNullable<T>>} */
  async function until(look, what) {
    for (const end = Date.now() + DEADLINE; ; await wait(LOOK)) {
      // While a page is loaded there may be none.
      const [found, error] = await look().then((found) => [found, null], (error) => [null, error]);
      if (found) return found;
      if (Date.now() > end) throw new Error(`waited for ${what} in vain`, { cause: error });
    }
  }

  /** Does something to the element that a function in the page finds. @param {string} finder @param {(session: Session, path: string) => Promise<unknown>} act */
  const onElement = (finder, act) => until(() => here(async (session) => {
    const found = await session.post("/execute/sync", { script: `return (${finder})();`, args: [] });
    if (!found) return false;
    await act(session, `/element/${found[ELEMENT]}`);
    return true;
  }), finder);

  const it = {
    context: () => context,
    url: () => url,
    /** @param {string} to */
    goto: (to) => loading((session) => session.post("/url", { url: to })),
    reload: () => loading((session) => session.post("/refresh")),
    goBack: () => loading((session) => session.post("/back")),
    close: () => context.closing(handle, () => here((session) => session.remove("/window"))),
    /** From the next page on. @param {() => void} script */
    async addInitScript(script) {
      own.push(`(${script})()`);
    },
    /** @param {Function | string} what @param {unknown} [given] */
    evaluate: (what, given) => run(sourceOf(what, given)),
    /** @param {Function | string} what @param {unknown} [given] */
    async waitForFunction(what, given) {
      // The value may be one that is no JSON, as a class is; what is to be read of it is read afterwards.
      await until(() => run(`async () => Boolean(await (${sourceOf(what, given)})())`), String(what));
      return { jsonValue: () => it.evaluate(what, given) };
    },
    /** @param {RegExp} pattern */
    waitForURL: (pattern) => until(() => run("() => document.readyState === 'complete'").then((loaded) => loaded && pattern.test(url)), String(pattern)),
    content: () => run("() => document.documentElement.outerHTML"),
    bringToFront: () => here(async () => {}),
    /** A field, by its label. @param {string} label */
    getByLabel: (label) => ({
      /** @param {string} text */
      fill: (text) => onElement(
        `() => [...document.querySelectorAll("label")].find((each) => each.textContent.trim() === ${literal(label)})?.control`,
        (session, path) => session.post(`${path}/clear`).then(() => session.post(`${path}/value`, { text })),
      ),
    }),
    /** A button, by its name. @param {"button"} _role @param {{ name: string }} which */
    getByRole: (_role, { name }) => ({
      click: () => onElement(
        `() => [...document.querySelectorAll("button")].find((each) => each.textContent.trim() === ${literal(name)})`,
        (session, path) => session.post(`${path}/click`),
      ),
    }),
  };
  return it;
}

/** As it is written in JavaScript: JSON has no `Infinity`, and leaves `undefined` out. @param {unknown} value @returns {string} */
function literal(value) {
  if (Array.isArray(value)) return `[${value.map(literal).join()}]`;
  if (value === null || typeof value !== "object") return typeof value === "string" ? JSON.stringify(value) : String(value);
  return `{${Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}:${literal(each)}`).join()}}`;
}
