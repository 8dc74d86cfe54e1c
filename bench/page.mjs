/** From navigation to the first token in Chromium, fresh pages as Vite builds them: beside one with bare `fetch`. */
import { ACCOUNTS, start } from "../tests/support/sandbox.mjs";
import { launch, serve } from "./browser.mjs";
import { built } from "./built.mjs";
import { median, table } from "./table.mjs";

const KASSA = "bifit-kassa";
const PAGES = ["by-hand", "propusk", "oidc-client-ts"];
const ROUNDS = 15;

const [browser, box] = await Promise.all([launch(), start("--keep-alive")]);
/** @type {Map<string, Awaited<ReturnType<typeof serve>>>} */
const sites = new Map();
for (const name of PAGES) sites.set(name, await serve(await built(name)));

/** Milliseconds that the page itself counts: of signing in, and since navigation. @param {string} name */
async function open(name) {
  // A context of its own has no cache of another's, of code that was compiled neither.
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(([baseUrl, account]) => {
    const here = /** @type {any} */ (window);
    let signIn = /** @type {any} */ (null);
    // Signs in as soon as the page's own script offers to.
    Object.defineProperty(here, "signIn", {
      get: () => signIn,
      set(offered) {
        signIn = offered;
        const begin = performance.now();
        offered(baseUrl, account).then((/** @type {string} */ token) => (here.outcome = { token: Boolean(token), own: performance.now() - begin, all: performance.now() }), (/** @type {unknown} */ error) => (here.outcome = { error: String(error) }));
      },
    });
  }, /** @type {const} */ ([box.services[KASSA].baseUrl, ACCOUNTS[KASSA]]));
  await page.goto(sites.get(name)?.url ?? "");
  const outcome = await (await page.waitForFunction("window.outcome")).jsonValue();
  await context.close();
  if (!outcome.token) throw new Error(`${name}: ${outcome.error}`);
  return outcome;
}

try {
  /** @type {Record<string, { own: number, all: number }[]>} */
  const times = Object.fromEntries(PAGES.map((name) => [name, []]));
  for (let round = -2; round < ROUNDS; round += 1) {
    for (const name of round % 2 ? [...PAGES].reverse() : PAGES) {
      const time = await open(name);
      if (round >= 0) times[name].push(time);
    }
  }
  const middle = (/** @type {string} */ name, /** @type {"own" | "all"} */ which) => median(times[name].map((time) => time[which]));
  const [bare] = PAGES;
  table(
    `From navigation to the first token in Chromium, fresh pages (${ROUNDS} rounds in turns, medians, everything on loopback)`,
    ["", "ms", "over by hand, ms", "ratio", "of it signing in, ms"],
    PAGES.map((name) => [name, middle(name, "all").toFixed(1), (middle(name, "all") - middle(bare, "all")).toFixed(1), (middle(name, "all") / middle(bare, "all")).toFixed(2), middle(name, "own").toFixed(1)]),
  );
} finally {
  await browser.close();
  for (const site of sites.values()) await site.stop();
  await box.stop();
}
