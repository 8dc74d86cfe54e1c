/** What a page must never do, whatever a test is about: show a secret, report an error, break its own policy. */
import assert from "node:assert/strict";

/** Passwords, tokens and codes of the sandbox that are no ordinary words of the page's texts. */
const PLANTED = [
  "K7gNU3sdo", // the digest of Kassa's "secret"
  "пароль",
  "qwerty",
  "123456",
  "b37c4c689295904ed21eee5d9a48d42e",
  "f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0",
];
/** What Chromium itself prints about an answer with an error status; the services mean those. */
const STATUS = /^Failed to load resource: the server responded with a status of 4\d\d/;

/** @param {import("playwright-core").Page} page */
export function watch(page) {
  /** @type {string[]} */
  const printed = [];
  /** @type {string[]} */
  const errors = [];
  /** @type {Set<string>} */
  const issued = new Set();
  /** @type {Promise<unknown>[]} */
  const reading = [];

  page.on("console", (message) => {
    printed.push(message.text());
    if (["error", "warning"].includes(message.type()) && !STATUS.test(message.text())) errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("response", (response) => {
    const location = response.headers().location;
    if (location) collect(new URL(location, response.url()).search, issued);
    else if (response.request().method() === "POST") reading.push(response.text().then((text) => collect(text, issued), () => {}));
  });

  return {
    /** Tokens and codes that the services have given out. */
    issued: async () => {
      await Promise.all(reading);
      return issued;
    },
    /** Must hold at the end of each test, and may be asked before. */
    async check() {
      await Promise.all(reading);
      const shown = [await page.content(), page.url(), ...printed].join("\n");
      for (const secret of [...PLANTED, ...issued]) {
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
  for (const [, secret] of text.matchAll(/(?:access_token|refresh_token|\bcode)"?\s*[:=]\s*"?([\w.~+/-]{8,})/gi)) {
    issued.add(secret);
  }
}
