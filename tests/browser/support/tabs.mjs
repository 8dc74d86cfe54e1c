/** Several tabs of one browser on one site, each with the package and nothing else. */
import { ACCOUNTS, GOODS } from "../../support/sandbox.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {"bifit-kassa" | "mobile-smarts"} Service */

/**
 * Runs in a page before its own scripts: writes down what it sends to other tabs.
 */
function record() {
  const { postMessage } = BroadcastChannel.prototype;
  const sent = (/** @type {any} */ (window).sent = []);
  BroadcastChannel.prototype.postMessage = function (message) {
    sent.push(message);
    return postMessage.call(this, message);
  };
}

/** What takes something away from a page, before its own scripts run. */
export const WITHOUT = {
  "Web Locks": () => delete (/** @type {any} */ (Navigator.prototype).locks),
  IndexedDB: () => Object.defineProperty(globalThis, "indexedDB", { value: undefined }),
  "IndexedDB that opens": () => {
    IDBFactory.prototype.open = () => {
      throw new DOMException("denied", "SecurityError");
    };
  },
  "IndexedDB that answers": () => {
    IDBFactory.prototype.open = () => /** @type {any} */ (new EventTarget());
  },
  localStorage: () => Object.defineProperty(globalThis, "localStorage", { get: () => { throw new DOMException("denied", "SecurityError"); } }),
  sessionStorage: () => Object.defineProperty(globalThis, "sessionStorage", { get: () => { throw new DOMException("denied", "SecurityError"); } }),
  "a way to hear of others": () => {
    BroadcastChannel.prototype.postMessage = () => {};
  },
};

/**
 * @param {Awaited<ReturnType<typeof import("./stage.mjs").stage>>} stage with the file /bare.html
 * @param {import("node:test").TestContext} t
 * @param {{ provider?: Service, without?: (keyof typeof WITHOUT)[], options?: object, host?: string }} [how]
 */
export async function tabs({ browser, box, site }, t, { provider = "mobile-smarts", without = [], options = {}, host = "127.0.0.1" } = {}) {
  const context = await browser.newContext();
  context.setDefaultTimeout(60_000);
  t.after(() => context.close());
  await context.addInitScript(record);
  for (const what of without) await context.addInitScript(WITHOUT[what]);
  const address = `${site.url.replace("127.0.0.1", host)}bare.html`;
  const given = { provider, baseUrl: box.services[provider].baseUrl, storage: "local", ...options };

  /** Another tab with a client: `client`, its `reasons` and `warnings`. @param {object} [more] options of its client */
  async function open(more = {}) {
    const page = await context.newPage();
    await page.goto(address);
    await start(page, { ...given, ...more });
    return page;
  }

  return {
    context,
    given,
    open,
    credentials: ACCOUNTS[provider],
    path: GOODS[provider],
    /** @param {number} count */
    several: async (count) => {
      /** @type {Page[]} */
      const opened = [];
      while (opened.length < count) opened.push(await open());
      return opened;
    },
    /** Signs in, in that tab. @param {Page} page */
    login: (page) => page.evaluate((credentials) => /** @type {any} */ (window).client.login(credentials), ACCOUNTS[provider]),
  };
}

/** Makes a client in a page. @param {Page} page @param {object} options */
export async function start(page, options) {
  await page.waitForFunction("window.AuthClient");
  await page.evaluate(async (options) => {
    const here = /** @type {any} */ (window);
    Object.assign(here, { reasons: [], warnings: [] });
    const onWarning = (/** @type {any} */ { code, message }) => here.warnings.push(`${code}: ${message}`);
    here.client = await here.AuthClient.create({ ...options, onWarning });
    here.client.subscribe((/** @type {any} */ _, /** @type {string} */ reason) => here.reasons.push(reason));
  }, options);
}

/** What a tab knows. @param {Page} page @returns {Promise<{ session: any, reasons: string[], warnings: string[], sent: unknown[] }>} */
export function state(page) {
  return page.evaluate(() => {
    const { client, reasons, warnings, sent } = /** @type {any} */ (window);
    return { session: client.session, reasons, warnings, sent };
  });
}

/** Waits until a tab's client has told of so many changes. @param {Page} page @param {string[]} reasons */
export async function told(page, reasons) {
  await page.waitForFunction((count) => /** @type {any} */ (window).reasons.length >= count, reasons.length);
}
