/** What a page must never do, whatever a test is about: show a secret, report an error, break its own policy. */
import assert from "node:assert/strict";
import { ENGINE } from "./engine.mjs";

/** Passwords, tokens and codes of the sandbox that are no ordinary words of the page's texts. */
const PLANTED = [
  "K7gNU3sdo", // the digest of Kassa's "secret"
  "qwerty",
  "123456",
  "b37c4c689295904ed21eee5d9a48d42e",
  "f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0",
];
/** A password that is a word of the page's texts, when they are Russian. */
const RUSSIAN_WORD = "пароль";
/** What a browser itself prints about an answer with an error status; the services mean those. */
const STATUS = /^Failed to load resource: the server responded with a status of 4\d\d/;

/** @param {import("playwright-core").Page} page @param {RegExp} [meant] what else the browser may report */
export async function watch(page, meant = STATUS) {
  /** @type {string[]} */
  const printed = [];
  /** @type {string[]} */
  const errors = [];
  /** @type {Set<string>} */
  const issued = new Set();

  // WebKit's driver tells of nothing that happens in a page.
  if (ENGINE !== "webkit") {
    page.on("console", (message) => {
      printed.push(message.text());
      if (["error", "warning"].includes(message.type()) && ![STATUS, meant].some((each) => each.test(message.text()))) errors.push(message.text());
    });
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("response", (response) => {
      const { location } = response.headers();
      if (location) collect(new URL(location, response.url()).search, issued);
    });
    // Read in the page: the browser's tools forget bodies when there are many requests.
    await page.exposeFunction("answered", (text) => collect(text, issued));
    await page.addInitScript(() => {
      const { fetch } = window;
      window.fetch = async (input, init) => {
        const response = await fetch(input, init);
        const { method } = input instanceof Request ? input : { method: "GET", ...init };
        if (method === "POST") await /** @type {any} */ (window).answered(await response.clone().text());
        return response;
      };
    });
  }

  return {
    /** Tokens and codes that the services have given out. */
    issued,
    /** Must hold at the end of each test, and may be asked before. */
    async check() {
      const shown = [await page.content(), page.url(), ...printed].join("\n");
      const isRussian = (await page.evaluate(() => document.documentElement.lang)) === "ru";
      for (const secret of [...PLANTED, ...(isRussian ? [] : [RUSSIAN_WORD]), ...issued]) {
        assert.ok(!shown.includes(secret), `the page shows ${secret}`);
        const basic = Buffer.from(`${secret}:`).toString("base64");
        assert.ok(!shown.includes(basic), `the page shows ${secret} in base64`);
      }
      assert.deepEqual(errors, []);
    },
  };
}

/** Finds the tokens in an answer, JSON or nearly, and the code in an address. */
function collect(text, issued) {
  // What a relay says of itself has a code, too, which is no secret.
  if (text.startsWith('{"error":{"code":')) return;
  for (const [, secret] of text.matchAll(/(?:access_token|refresh_token|\bcode)"?\s*[:=]\s*"?([\w.~+/-]{8,})/gi)) {
    issued.add(secret);
  }
}
