/**
 * The browser that the tests are run in: Chromium, or the one that PROPUSK_ENGINE names. Chromium and Firefox are driven by Playwright,
 * which knows the stock Firefox by WebDriver BiDi; WebKitGTK by its own driver, with what these tests use of Playwright's interface.
 */
import { existsSync, writeFileSync } from "node:fs";
import { chromium, firefox } from "playwright-core";
import { given } from "./given.mjs";
import { launch as webkit } from "./webkit/browser.mjs";

/** @typedef {"chromium" | "firefox" | "webkit"} Engine */

export const ENGINE = /** @type {Engine} */ (process.env.PROPUSK_ENGINE || "chromium");

/** A name of this machine that no browser trusts as it trusts loopback addresses. */
export const LAN = "lan.test";

/** Starts a browser. @type {Record<Engine, (how: { backForwardCache: boolean, refuses: boolean }) => Promise<import("playwright-core").Browser>>} */
const LAUNCH = {
  chromium: ({ backForwardCache }) => chromium.launch({
    // Without windows it has no back/forward cache.
    executablePath: (backForwardCache && process.env.CHROMIUM_DESKTOP) || given("CHROMIUM"),
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--disable-background-networking"],
      `--host-resolver-rules=MAP ${LAN} 127.0.0.1`,
    ],
    ignoreDefaultArgs: backForwardCache ? ["--disable-back-forward-cache"] : [],
  }),
  firefox: ({ backForwardCache, refuses }) => firefox.launch({
    executablePath: given("FIREFOX"),
    channel: "moz-firefox",
    firefoxUserPrefs: {
      "network.dns.localDomains": LAN,
      ...(!backForwardCache && { "browser.sessionhistory.max_total_viewers": 0 }),
      // As in the settings of a user who allows no site to keep anything.
      ...(refuses && { "network.cookie.cookieBehavior": 2 }),
    },
  }),
  webkit: async () => /** @type {any} */ (await webkit()),
};

/** @type {Record<Engine, string>} */
const NAMES = { chromium: "Chromium", firefox: "Firefox", webkit: "WebKitGTK" };

/** @param {{ backForwardCache?: boolean, refuses?: boolean }} [how] */
export async function launch({ backForwardCache = false, refuses = false } = {}) {
  if (!Object.hasOwn(LAUNCH, ENGINE)) throw new Error(`PROPUSK_ENGINE is ${ENGINE}; there are: ${Object.keys(LAUNCH).join(", ")}`);
  const browser = await LAUNCH[ENGINE]({ backForwardCache, refuses });
  // For the table of what ran.
  const file = process.env.PROPUSK_ENGINE_VERSION;
  if (file && !existsSync(file)) writeFileSync(file, `${NAMES[ENGINE]} ${(await browser.version()).split(".").slice(0, 2).join(".")}`);
  return browser;
}

/** The option of a test that only some engines' drivers can do. @param {Engine[]} engines @param {string} what they can do */
export const only = (engines, what) => (engines.includes(ENGINE) ? {} : { skip: `${what}: no driver does this in ${ENGINE}` });
