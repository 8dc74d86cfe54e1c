/** What the package gives out: errors, trace records, getters, and that copies of the package know each other's errors. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import vm from "node:vm";
import { project } from "../support/package.mjs";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { failure, spies, suite } from "../support/suite.mjs";

const KASSA = "bifit-kassa";
const { box, create, later, propusk, signedIn } = await suite();
const { AuthClient, AuthError, isAuthError, providers } = propusk;

const FIELDS = ["code", "provider", "status", "providerCode", "providerMessage", "fault", "retryable", "retryAfter", "hint"];

const wrong = () => create(KASSA).then((client) => failure(client.login({ username: "79990000001", password: "wrong" })));

test("an error is an Error and an AuthError, with every field", async () => {
  const error = await wrong();
  assert.ok(error instanceof Error && error instanceof AuthError);
  assert.equal(Object.prototype.toString.call(error), "[object Error]");
  assert.equal(error.name, "AuthError");
  assert.deepEqual([error.code, error.provider, error.status, error.retryable, error.retryAfter], ["invalid_credentials", KASSA, 400, false, null]);
  assert.equal(error.providerCode, "invalid_grant");
  assert.equal(typeof error.providerMessage, "string");
  assert.ok(error.hint === null || typeof error.hint === "string");
  assert.match(error.message, /^[^\n]{1,500}$/);
  assert.match(String(error), /^AuthError: /);
  assert.match(error.stack ?? "", /^(AuthError|Error): |^AuthError/);
  assert.match(inspect(error), /AuthError/);
  assert.match(inspect(error), /invalid_credentials/);
});

test("every field is there, or null, whatever the error", async () => {
  const client = await create(KASSA);
  client.close();
  const errors = [
    await failure(client.refresh()),
    await failure(AuthClient.create(/** @type {any} */ ({}))),
    await failure((await create(KASSA)).refresh()),
    await failure((await create(KASSA, { fetch: () => Promise.reject(new Error("no")), retries: 0 })).login(ACCOUNTS[KASSA])),
  ];
  assert.deepEqual(errors.map(({ code }) => code), ["closed", "invalid_config", "login_required", "network"]);
  for (const error of errors) {
    for (const field of FIELDS) assert.notEqual(error[field], undefined, `${error.code}: ${field}`);
    assert.equal(typeof error.retryable, "boolean");
    assert.deepEqual([error.status, error.providerCode, error.providerMessage, error.retryAfter], [null, null, null, null]);
    assert.ok(error.provider === null || error.provider === KASSA);
  }
  assert.equal(errors[3].retryable, true);
  assert.equal(errors[3].cause.message, "no");
  assert.equal("cause" in errors[0], false);
});

test("an error says whose turn it is", async () => {
  assert.equal((await wrong()).fault, "user");
  assert.equal((await failure(AuthClient.create(/** @type {any} */ ({})))).fault, "caller");
  const lost = await create(KASSA, { fetch: () => Promise.reject(new Error("no")), retries: 0 });
  assert.equal((await failure(lost.login(ACCOUNTS[KASSA]))).fault, "network");
});

test("toJSON: name, message and every field, nothing else; JSON.stringify uses it", async () => {
  const error = await wrong();
  const plain = error.toJSON();
  assert.deepEqual(Object.keys(plain).sort(), ["name", "message", ...FIELDS].sort());
  for (const [name, value] of Object.entries(plain)) assert.equal(value, error[name]);
  assert.equal(Object.getPrototypeOf(plain), Object.prototype);
  assert.deepEqual(JSON.parse(JSON.stringify({ error })), { error: plain });
});

test("retryAfter is in milliseconds, and so says a 429 what to wait", async () => {
  await box.fault(KASSA, "login", { kind: "status", status: 429, headers: { "retry-after": "45" } });
  const error = await failure((await create(KASSA)).login(ACCOUNTS[KASSA]));
  assert.deepEqual([error.code, error.status, error.retryable, error.retryAfter], ["rate_limited", 429, true, 45_000]);
});

test("the provider's texts: control and bidi characters escaped, one line, at most 500 characters", async () => {
  const text = `a\n\r\t\u0000\u001b[31m\u202e\u2066\u200f\u2028\u0085${"я".repeat(2000)}`;
  for (const status of [400, 500]) {
    await box.fault(KASSA, "login", { kind: "status", status, body: JSON.stringify({ error: `x${text}`, error_description: text }) });
    const error = await failure((await create(KASSA, { retries: 0 })).login(ACCOUNTS[KASSA]));
    for (const shown of [error.message, error.providerCode, error.providerMessage]) {
      assert.ok(shown.length <= 500, String(shown.length));
      assert.doesNotMatch(shown, /[\p{Cc}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/u);
    }
  }
});

test("isAuthError: by code when one is given; nothing else is one", async () => {
  const error = await wrong();
  assert.equal(isAuthError(error), true);
  assert.equal(isAuthError(error, "invalid_credentials"), true);
  assert.equal(isAuthError(error, "network"), false);
  assert.equal(isAuthError(error, undefined), true);
  for (const other of [undefined, null, 0, "", "AuthError", {}, [], () => {}, Symbol("x"), new Error("x"), Object.assign(new Error("x"), { name: "AuthError", code: "network" }), error.toJSON(), Object.create(null), AuthError, new Proxy({}, {})]) {
    assert.equal(isAuthError(other), false, inspect(other));
  }
});

test("isAuthError knows the errors of the CommonJS copy, and that one those of this", async () => {
  const copy = /** @type {typeof propusk} */ (createRequire(join(project(), "x.cjs"))("propusk"));
  const theirs = await failure(copy.AuthClient.create(/** @type {any} */ ({ provider: "none" })));
  const ours = await failure(AuthClient.create(/** @type {any} */ ({ provider: "none" })));
  assert.notEqual(copy.AuthError, AuthError);
  assert.ok(theirs instanceof copy.AuthError && !(theirs instanceof AuthError));
  for (const check of [isAuthError, copy.isAuthError]) {
    for (const error of [ours, theirs]) {
      assert.equal(check(error), true);
      assert.equal(check(error, "invalid_config"), true);
      assert.equal(check(error, "closed"), false);
    }
  }
});

test("the two copies work side by side in one process", async () => {
  const copy = /** @type {typeof propusk} */ (createRequire(join(project(), "x.cjs"))("propusk"));
  const { baseUrl } = box.services[KASSA];
  const clients = await Promise.all([create(KASSA), copy.AuthClient.create({ provider: KASSA, baseUrl })]);
  later(() => clients[1].close());
  const sessions = await Promise.all(clients.map((client) => client.login(ACCOUNTS[KASSA])));
  assert.deepEqual(sessions.map(({ subject }) => subject), ["120041", "120041"]);
  clients[1].close();
  assert.equal((await clients[0].fetch(GOODS[KASSA])).status, 200);
});

test("isAuthError knows the errors of another realm", async () => {
  const dist = join(project(), "node_modules", "propusk", "dist");
  const context = vm.createContext({ fetch, Headers, Request, Response, URL, AbortController, AbortSignal, setTimeout, clearTimeout, performance, crypto, queueMicrotask, TextDecoder, TextEncoder, atob });
  const require = (/** @type {string} */ name) => {
    const script = { exports: {} };
    vm.runInContext(`(function (module, exports, require) {${readFileSync(join(dist, name), "utf8")}\n})`, context)(script, script.exports, require);
    return script.exports;
  };
  const realm = /** @type {typeof propusk} */ (require("./index.cjs"));
  const theirs = await failure(realm.AuthClient.create(/** @type {any} */ ({ provider: "none" })));
  assert.equal(theirs instanceof Error, false);
  assert.equal(isAuthError(theirs, "invalid_config"), true);
  assert.equal(realm.isAuthError(await wrong(), "invalid_credentials"), true);
});

test("a trace record says what was sent and what came of it", async () => {
  const { traces, hooks } = spies();
  const client = await create(KASSA, { ...hooks, retries: 1 });
  await box.fault(KASSA, "login", { kind: "status", status: 503, headers: { "retry-after": "0" } });
  await client.login(ACCOUNTS[KASSA]);
  await client.fetch(GOODS[KASSA], { method: "POST", body: "x" });
  await client.refresh();
  const { baseUrl } = box.services[KASSA];
  assert.deepEqual(
    traces.map(({ duration, ...rest }) => (assert.ok(duration >= 0 && duration < 60_000), rest)),
    [
      { provider: KASSA, purpose: "login", method: "POST", url: `${baseUrl}/oauth/token`, status: 503, attempt: 1, error: "server_error" },
      { provider: KASSA, purpose: "login", method: "POST", url: `${baseUrl}/oauth/token`, status: 200, attempt: 2, error: null },
      { provider: KASSA, purpose: "api", method: "POST", url: `${baseUrl}/${GOODS[KASSA]}`, status: 200, attempt: 1, error: null },
      { provider: KASSA, purpose: "refresh", method: "POST", url: `${baseUrl}/oauth/token`, status: 200, attempt: 1, error: null },
    ],
  );
});

test("a trace record of what failed: no status without an answer", async () => {
  for (const [fault, status, code] of /** @type {const} */ ([
    [{ kind: "reset" }, null, "network"],
    [{ kind: "status", status: 400, body: '{"error":"invalid_grant"}' }, 400, "invalid_credentials"],
    [{ kind: "body", body: "<html>" }, 200, "invalid_response"],
  ])) {
    const { traces, hooks } = spies();
    await box.fault(KASSA, "login", fault);
    assert.equal((await failure((await create(KASSA, { ...hooks, retries: 0 })).login(ACCOUNTS[KASSA]))).code, code);
    assert.deepEqual(traces.map(({ purpose, status: given, error }) => [purpose, given, error]), [["login", status, code]]);
  }
});

test("a call that its signal aborts is traced as aborted", async () => {
  const { traces, hooks } = spies();
  const client = await create(KASSA, hooks);
  await box.fault(KASSA, "login", { kind: "hold" });
  const controller = new AbortController();
  const login = failure(client.login(ACCOUNTS[KASSA], { signal: controller.signal }));
  await box.held(KASSA);
  controller.abort("enough");
  assert.equal(await login, "enough");
  await new Promise(setImmediate);
  assert.deepEqual(traces.map(({ purpose, status, error }) => [purpose, status, error]), [["login", null, "aborted"]]);
});

test("a function onTrace that throws disturbs nothing", async () => {
  const client = await create(KASSA, {
    onTrace: () => {
      throw new Error("no");
    },
  });
  assert.equal((await client.login(ACCOUNTS[KASSA])).subject, "120041");
});

test("provider and session are there to be read, and not to be set", async () => {
  const client = /** @type {any} */ (await signedIn(KASSA));
  assert.equal(client.provider, KASSA);
  for (const name of ["provider", "session"]) {
    const before = client[name];
    assert.throws(() => (client[name] = "evil"), TypeError);
    assert.equal(client[name], before);
  }
  assert.deepEqual(Object.keys(client), []);
  assert.ok(client instanceof AuthClient);
});

test("methods may be passed around, and a client may stand behind a Proxy", async () => {
  const client = await signedIn(KASSA);
  const { fetch, getAccessToken, refresh, session } = client;
  assert.equal((await refresh()).subject, session?.subject);
  assert.equal((await fetch(GOODS[KASSA])).status, 200);

  assert.equal(typeof (await getAccessToken()), "string");
  const proxy = new Proxy(client, {});
  assert.equal(proxy.provider, KASSA);
  assert.equal(proxy.session, client.session);
  assert.equal((await proxy.fetch(GOODS[KASSA])).status, 200);
  await proxy.logout();
  assert.equal(client.session, null);
  proxy.close();
  assert.equal((await failure(client.refresh())).code, "closed");
});

test("`using` closes the client at the end of its block", { skip: !(/** @type {any} */ (Symbol).dispose) }, async () => {
  const client = /** @type {any} */ (await signedIn(KASSA));
  const dispose = client[/** @type {any} */ (Symbol).dispose];
  assert.equal(typeof dispose, "function");
  assert.equal(dispose.call(client), undefined);
  dispose.call(client);
  assert.equal((await failure(client.getAccessToken())).code, "closed");
  assert.equal(client.session, null);
});

test("the built-in providers are data, frozen, and each can be used as a profile", async () => {
  assert.deepEqual(Object.keys(providers).sort(), ["bifit-kassa", "bstats", "invoicebox", "mobile-smarts", "smart-satu"]);
  for (const [id, profile] of Object.entries(providers)) {
    assert.equal(profile.id, id);
    assert.deepEqual(JSON.parse(JSON.stringify(profile)), profile);
    assert.ok(Object.isFrozen(profile) && Object.isFrozen(profile.login) && Object.isFrozen(profile.present));
    assert.throws(() => (/** @type {any} */ (profile).baseUrl = "https://evil.example"), TypeError);
  }
});

test("times are numbers of milliseconds", async () => {
  const before = Date.now();
  const { expiresAt } = await (await create(KASSA)).login(ACCOUNTS[KASSA]);
  const life = Number(expiresAt) - 43_199_000;
  assert.ok(life >= before - 1 && life <= Date.now() + 1, String(life - before));
});
