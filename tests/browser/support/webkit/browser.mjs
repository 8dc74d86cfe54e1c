/** WebKit, as far as the tests for every engine use Playwright's `Browser` and `BrowserContext`: a context is a browser of its own. */
import { setTimeout as wait } from "node:timers/promises";
import { display, session } from "./driver.mjs";
import { page } from "./page.mjs";
import { proxy } from "./proxy.mjs";

export async function launch() {
  const screen = await display();
  /** @type {Set<Awaited<ReturnType<typeof open>>>} */
  const contexts = new Set();
  return {
    async newContext() {
      const context = await open(screen.name, () => contexts.delete(context));
      contexts.add(context);
      return context;
    },
    async newPage() {
      return (await this.newContext()).newPage();
    },
    /** The driver tells it with a session. */
    async version() {
      const { version, close } = await this.newContext();
      await close();
      return version;
    },
    async close() {
      for (const context of contexts) await context.close();
      await screen.stop();
    },
  };
}

/** @param {string} on the display @param {() => void} ended */
async function open(on, ended) {
  const network = await proxy();
  const driver = await session(on, network.address).catch(async (error) => {
    await network.stop();
    throw error;
  });
  /** Windows that have a page; the one that the browser begins with stays, as the session ends with the last. @type {Set<string>} */
  const known = new Set(await driver.get("/window/handles"));
  const [first] = known;
  /** @type {string[]} */
  const scripts = [];
  /** @type {Promise<unknown>} */
  let queue = Promise.resolve();

  const context = {
    version: driver.version,
    setDefaultTimeout() {},
    /** @param {() => void} script */
    async addInitScript(script) {
      scripts.push(`(${script})()`);
      context.put([]);
    },
    /** @param {boolean} gone */
    setOffline: async (gone) => network.setOffline(gone),
    async newPage() {
      const { handle } = await context.alone(async () => {
        // The one that the driver is in may be closed.
        await driver.post("/window", { handle: first });
        const made = await driver.post("/window/new", { type: "window" });
        known.add(made.handle);
        return made;
      });
      return page(context, handle);
    },
    /** A window that a page has opened; of nothing else the driver tells. @param {string} event */
    async waitForEvent(event) {
      if (event !== "page") throw new Error(`nothing tells of ${event} in WebKit`);
      for (const end = Date.now() + 60_000; Date.now() < end; await wait(20)) {
        const handle = (await context.alone(() => driver.get("/window/handles"))).find((/** @type {string} */ each) => !known.has(each));
        if (!handle) continue;
        known.add(handle);
        return page(context, handle);
      }
      throw new Error("no window was opened");
    },
    async close() {
      await context.alone(() => driver.stop()).finally(() => network.stop());
      ended();
    },

    /** The driver has one window at a time: what belongs together is done by nobody in between. @template T @param {(session: typeof driver) => Promise<T>} act @returns {Promise<T>} */
    alone(act) {
      const done = queue.then(() => act(driver));
      queue = done.catch(() => {});
      return done;
    },
    /** Pages that are loaded from now on begin with the scripts of all, and these. @param {string[]} more */
    put: (more) => network.put([...scripts, ...more]),
    /** @param {string} handle @param {() => Promise<unknown>} act */
    async closing(handle, act) {
      await act();
      known.delete(handle);
    },
  };
  return context;
}
