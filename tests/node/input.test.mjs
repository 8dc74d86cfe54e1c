/** What callers may get wrong: told at once, by name, without echoing values, and nothing is sent. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import { ACCOUNTS } from "../support/sandbox.mjs";
import { failure, spies, suite } from "../support/suite.mjs";

const KASSA = "bifit-kassa";
const { box, create, make, propusk, rows, signedIn } = await suite();

/** Names that no option of Kassa has. */
const UNKNOWN = ["baseurl", "token", "redirectUri", "__proto__x", "constructor", "toString"];

/** @type {[import("../support/sandbox.mjs").Service, Record<string, unknown>][]} */
const OPTIONS = [
  ...UNKNOWN.map((name) => /** @type {any} */ ([KASSA, { [name]: "x" }])),
  ...["", "relative", "/auth", "ftp://x.example", "https://", "https://u:p@x.example", "https://x.example/#f", "https://x.example/?q", 5, null, {}, "javascript:alert(1)"].map((baseUrl) => /** @type {any} */ ([KASSA, { baseUrl }])),
  ...["", "disk", 5, null, true, () => {}].map((storage) => /** @type {any} */ ([KASSA, { storage }])),
  ...["", 5, null, {}, "\ud800"].map((account) => /** @type {any} */ ([KASSA, { account }])),
  ...["x", 5, null, {}].map((credentials) => /** @type {any} */ ([KASSA, { credentials }])),
  ...["x", 5, null, {}].map((fetch) => /** @type {any} */ ([KASSA, { fetch }])),
  ...["x", 5, null].map((now) => /** @type {any} */ ([KASSA, { now }])),
  ...["x", 5, null].map((onTrace) => /** @type {any} */ ([KASSA, { onTrace }])),
  ...["x", 5, null].map((onWarning) => /** @type {any} */ ([KASSA, { onWarning }])),
  ...["yes", 1, null].map((allowInsecure) => /** @type {any} */ ([KASSA, { allowInsecure }])),
  ...["yes", 1, null].map((autoRefresh) => /** @type {any} */ ([KASSA, { autoRefresh }])),
  ...[-1, NaN, Infinity, "60", null].map((refreshBefore) => /** @type {any} */ ([KASSA, { refreshBefore }])),
  ...[-1, 0, NaN, Infinity, "60", null].map((timeout) => /** @type {any} */ ([KASSA, { timeout }])),
  ...[-1, 1.5, NaN, Infinity, "2", null].map((retries) => /** @type {any} */ ([KASSA, { retries }])),
  ...["", 5, null].map((clientId) => /** @type {any} */ ([KASSA, { clientId }])),
  ...["hex", 5, null].map((passwordEncoding) => /** @type {any} */ ([KASSA, { passwordEncoding }])),
  ...["x", 5, null, {}, { when: {} }, { when: {}, request: {} }, { when: { status: "x" }, request: { url: "x" } }].map((secondFactor) => /** @type {any} */ ([KASSA, { secondFactor }])),
  ...["v4", 3, null].map((version) => /** @type {any} */ (["invoicebox", { version }])),
  ...[5, null, "a\nb"].map((userAgent) => /** @type {any} */ (["invoicebox", { userAgent }])),
  ...["get", 5, null].map((method) => /** @type {any} */ (["mobile-smarts", { method }])),
  ...[5, null].map((tokenPath) => /** @type {any} */ (["mobile-smarts", { tokenPath }])),
  ["mobile-smarts", { method: "basic", basicEncoding: "utf8" }],
  ["mobile-smarts", { anonymous: "yes" }],
  ...["", "relative", 5, null, "https://app.example/#frag", "javascript:alert(1)"].map((redirectUri) => /** @type {any} */ (["bstats", { redirectUri }])),
  ["bstats", { format: "yaml" }],
  ["bstats", { clientSecret: "x" }],
  ["smart-satu", { presentation: "cookie" }],
  ["smart-satu", { country: 7 }],
  ["smart-satu", { direction: "" }],
];

/** What may be wrong, by the option that it is. @type {Map<string, typeof OPTIONS>} */
const BY_OPTION = new Map();
for (const [provider, wrong] of OPTIONS) {
  const [name] = Object.keys(wrong).slice(-1);
  const kind = `${provider}: ${provider === KASSA && UNKNOWN.includes(name) ? "a name that is no option" : `the option ${name}`}`;
  BY_OPTION.set(kind, [...(BY_OPTION.get(kind) ?? []), [provider, wrong]]);
}

for (const [kind, given] of BY_OPTION) {
  test(`${kind}, with ${given.length} wrong values: invalid_config that names it`, async () => {
    for (const [provider, wrong] of given) {
      const [[name, value]] = Object.entries(wrong).slice(-1);
      const error = await failure(create(provider, wrong));
      assert.equal(error.code, "invalid_config", inspect(value));
      assert.match(error.message, new RegExp(`\\b${name}\\b`), inspect(value));
      assert.equal(error.status, null);
    }
    assert.equal(await box.total(), 0);
  });
}

test("options that are no options", async () => {
  const { AuthClient } = propusk;
  for (const options of [undefined, null, 5, "bifit-kassa", [], {}, { provider: "x" }, { provider: null }, { provider: "constructor" }, { provider: "__proto__" }, { provider: {} }]) {
    const error = await failure(AuthClient.create(/** @type {any} */ (options)));
    assert.equal(error.code, "invalid_config", inspect(options));
  }
  assert.throws(() => new (/** @type {any} */ (AuthClient))());
});

test("options are own properties: inherited ones do not count, and getters are read once", async () => {
  const { baseUrl } = box.services[KASSA];
  await make(Object.assign(Object.create({ bogus: 1 }), { provider: KASSA, baseUrl }));
  await make(Object.assign(Object.create(null), { provider: KASSA, baseUrl }));
  const inherited = Object.create({ provider: KASSA });
  assert.equal((await failure(make(inherited))).code, "invalid_config");
  const own = JSON.parse(`{"provider":"${KASSA}","__proto__":{"x":1}}`);
  assert.equal((await failure(make(own))).code, "invalid_config");
});

test("options that are undefined are as if left out", async () => {
  const names = ["storage", "account", "credentials", "allowedOrigins", "allowInsecure", "refreshBefore", "autoRefresh", "timeout", "retries", "fetch", "now", "onTrace", "onWarning", "clientId", "secondFactor"];
  const client = await create(KASSA, Object.fromEntries(names.map((name) => [name, undefined])));
  assert.equal((await client.login(ACCOUNTS[KASSA])).subject, "120041");
});

test("options changed after create do not matter", async () => {
  const options = { provider: KASSA, baseUrl: box.services[KASSA].baseUrl, allowedOrigins: ["https://a.example"] };
  const client = await make(options);
  options.baseUrl = "http://127.0.0.1:1";
  options.allowedOrigins.push("https://b.example");
  assert.equal((await client.login(ACCOUNTS[KASSA])).subject, "120041");
  assert.equal((await failure(client.fetch("https://b.example"))).code, "origin_not_allowed");
});

const LONG = "Ω".repeat(32_768);

/** @type {[import("../support/sandbox.mjs").Service, any][]} */
const CREDENTIALS = [
  ...[undefined, null, 5, "x", [], ["a"], {}, { username: "79990000001" }, { password: "planted" }].map((given) => /** @type {any} */ ([KASSA, given])),
  ...["", 5, null, undefined, {}, [], true, "\ud800planted", "planted\udfff", `${LONG}x`].map((password) => /** @type {any} */ ([KASSA, { username: "79990000001", password }])),
  ...["", "\ud800planted", `${LONG}x`, 5].map((username) => /** @type {any} */ (["mobile-smarts", { username, password: "planted" }])),
  ...["", 5, null, "\ud800planted", `${LONG}x`].map((token) => /** @type {any} */ (["invoicebox", { token }])),
  ["invoicebox", { username: "planted", password: "planted" }],
  ["invoicebox", { token: ACCOUNTS.invoicebox.token, planted: "planted" }],
  ["smart-satu", { username: "supplier", password: "qwerty", otp: "planted" }],
  ["smart-satu", Object.create({ username: "supplier", password: "planted" })],
  [KASSA, JSON.parse('{"username":"79990000001","password":"secret","__proto__":"planted"}')],
];

for (const service of /** @type {const} */ ([KASSA, "mobile-smarts", "invoicebox", "smart-satu"])) {
  test(`${service}: credentials that are none are invalid_input, and not echoed`, async () => {
    for (const [, given] of CREDENTIALS.filter(([provider]) => provider === service)) {
      const what = inspect(given, { maxStringLength: 12, breakLength: Infinity });
      const { traces, warnings, hooks } = spies();
      const client = await create(service, hooks);
      const error = await failure(client.login(given));
      assert.equal(error.code, "invalid_input", what);
      const seen = [error.message, error.stack, JSON.stringify(error), inspect(error, { depth: 10 })].join();
      assert.ok(!/planted(?!` is no credential)/.test(seen) && !seen.includes("ΩΩ"), seen);
      assert.deepEqual([traces, warnings, client.session], [[], [], null], what);
    }
    assert.equal(await box.total(), 0);
  });
}

test("a credential of exactly 64 KiB is sent", async () => {
  const client = await create("mobile-smarts");
  assert.equal((await failure(client.login({ username: "user@domain.ru", password: LONG }))).code, "invalid_credentials");
  assert.deepEqual(await box.counts("mobile-smarts"), { login: 1 });
});

rows("call options that are none are invalid_input on every method", [5, "x", { signal: {} }, { signal: "x" }, { timeout: -1 }, { timeout: 0 }, { timeout: NaN }, { timeout: "5" }, { timeout: null }, { timeout: Infinity }, { bogus: 1 }], async (options) => {
  const client = await signedIn(KASSA);
  const given = /** @type {any} */ (options);
  for (const call of [() => client.login(ACCOUNTS[KASSA], given), () => client.refresh(given), () => client.getAccessToken(given), () => client.logout(given)]) {
    assert.equal((await failure(call())).code, "invalid_input", String(call));
  }
  assert.ok(client.session);
  assert.equal(await box.total(), 0);
});

test("options of their own: forceRefresh and revoke are true or false", async () => {
  const client = await signedIn(KASSA);
  assert.equal((await failure(client.getAccessToken(/** @type {any} */ ({ forceRefresh: 1 })))).code, "invalid_input");
  assert.equal((await failure(client.logout(/** @type {any} */ ({ revoke: "no" })))).code, "invalid_input");
  assert.ok(client.session);
});

test("subscribe takes a function, problem a Response", async () => {
  const client = await create(KASSA);
  for (const listener of [undefined, null, 5, {}]) {
    assert.throws(() => client.subscribe(/** @type {any} */ (listener)), { code: "invalid_input" });
  }
  for (const response of [undefined, null, 5, {}, "x"]) {
    assert.equal((await failure(client.problem(/** @type {any} */ (response)))).code, "invalid_input");
  }
});

test("options of a call are an object: also where a token is at hand, a list is none", async () => {
  const client = await signedIn(KASSA);
  for (const given of [[], [{ minValidity: 5 }], "x", 5, true, () => {}]) {
    const wrong = /** @type {any} */ (given);
    for (const call of [() => client.getAccessToken(wrong), () => client.refresh(wrong), () => client.logout(wrong), () => client.confirm("1", wrong), () => client.setSession({ accessToken: "x" }, wrong)]) {
      assert.equal((await failure(call())).code, "invalid_input", `${call} with ${inspect(given)}`);
    }
  }
  assert.equal(await box.total(), 0);
  assert.equal(typeof (await client.getAccessToken(/** @type {any} */ (null))), "string");
});
