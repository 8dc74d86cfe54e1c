/** What the caller's `fetch` is called with: an address and an init, whatever the caller gave; cookies stay at one's own origin. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { consent, failure, suite } from "../support/suite.mjs";

const KASSA = "bifit-kassa";
const { box, create, signedIn } = await suite();

/** A `fetch` that writes down how it is called, and passes it on. */
function spy() {
  /** @type {{ given: unknown[], input: unknown, init: any }[]} */
  const calls = [];
  /** @type {typeof fetch} */
  const spied = (...given) => {
    const [input, init] = given;
    calls.push({ given, input, init });
    // Read once, as the platform does.
    return fetch(input, init?.body instanceof ReadableStream ? { ...init, duplex: "half" } : init);
  };
  return { calls, fetch: spied };
}

/** @param {string} base @returns {Record<string, [RequestInfo | URL, RequestInit?]>} */
const inputs = (base) => {
  const address = `${base}/${GOODS[KASSA]}`;
  const { signal } = new AbortController();
  return {
    "a path": [GOODS[KASSA]],
    "an address": [address],
    "a URL": [new URL(address)],
    "a Request": [new Request(address)],
    "a Request with a method, headers and a body": [new Request(address, { method: "POST", headers: { "x-own": "1", "content-type": "text/plain" }, body: "goods" })],
    "a Request and an init that goes before it": [new Request(address, { headers: { "x-own": "2" } }), { method: "POST", headers: { "x-own": "1" }, body: "goods" }],
    "a Request with a signal": [new Request(address, { signal })],
    "an init with Headers": [GOODS[KASSA], { headers: new Headers({ "x-own": "1" }) }],
    "an init with a list": [GOODS[KASSA], { headers: [["x-own", "1"]] }],
    "an init with a form": [GOODS[KASSA], { method: "POST", body: new URLSearchParams({ a: "1" }) }],
    "a null init": [GOODS[KASSA], /** @type {any} */ (null)],
  };
};

for (const what of Object.keys(inputs("http://127.0.0.1"))) {
  test(`${what}: the option fetch is called with an address and an init`, async () => {
    const { calls, fetch } = spy();
    const client = await signedIn(KASSA, { fetch });
    calls.length = 0;
    const base = box.services[KASSA].baseUrl;
    const [input, init] = inputs(base)[what];
    const { method = "GET" } = { ...(input instanceof Request && { method: input.method }), ...init };
    const token = await client.getAccessToken();
    const response = await client.fetch(input, init);
    assert.equal(response.status, 200);
    const [call] = calls;
    assert.equal(calls.length, 1);
    assert.equal(call.given.length, 2);
    assert.equal(typeof call.input, "string");
    assert.equal(call.input, `${base}/${GOODS[KASSA]}`);
    assert.equal(typeof call.init, "object");
    assert.equal(call.init.method ?? "GET", method);
    const headers = new Headers(call.init.headers);
    assert.equal(headers.get("authorization"), `Bearer ${token}`);
    if (/own|headers|list|goes before/i.test(what)) assert.equal(headers.get("x-own"), "1");
    const [entry] = (await box.journal(KASSA)).filter(({ purpose }) => purpose === "api");
    assert.equal(entry.method, method);
  });
}

test("a Request with a body goes out whole, and once more after a renewal", async () => {
  const { calls, fetch } = spy();
  const client = await signedIn(KASSA, { fetch });
  await box.expire(KASSA);
  calls.length = 0;
  const address = `${box.services[KASSA].baseUrl}/${GOODS[KASSA]}`;
  const response = await client.fetch(new Request(address, { method: "POST", body: "goods" }));
  assert.ok([200, 401].includes(response.status));
  assert.ok(calls.every(({ input, given }) => typeof input === "string" && given.length === 2));
});

test("login, renewal, code, check and second step call it with an address and an init, too", async () => {
  const { calls, fetch } = spy();
  const kassa = await create(KASSA, { fetch });
  await kassa.login(ACCOUNTS[KASSA]);
  await kassa.refresh();
  await (await create("invoicebox", { fetch })).login(ACCOUNTS.invoicebox);
  await (await create("smart-satu", { fetch })).login(ACCOUNTS["smart-satu"]);
  const bstats = await create("bstats", { fetch });
  await bstats.handleRedirect(await consent(await bstats.authorizationUrl()));
  assert.equal(calls.length, 5);
  for (const { given, init } of calls) {
    assert.deepEqual(given.map((value) => typeof value), ["string", "object"]);
    assert.deepEqual([init.credentials, init.cache], ["same-origin", "no-store"]);
  }
});

for (const credentials of /** @type {const} */ ([undefined, "include", "omit", "same-origin"])) {
  test(`a call whose caller asks for the credentials ${credentials} sends cookies as asked, at its own origin by default`, async () => {
    const { calls, fetch } = spy();
    const client = await signedIn(KASSA, { fetch });
    calls.length = 0;
    await client.fetch(GOODS[KASSA], credentials && { credentials });
    assert.equal(calls[0].init.credentials ?? "same-origin", credentials ?? "same-origin");
    const address = `${box.services[KASSA].baseUrl}/${GOODS[KASSA]}`;
    await client.fetch(new Request(address, credentials && { credentials }));
    assert.equal(calls[1].init.credentials ?? "same-origin", credentials ?? "same-origin");
  });
}

/** A signal as old polyfills have it: without a reason. */
function polyfilled() {
  /** @type {Set<(event: Event) => void>} */
  const listeners = new Set();
  const signal = {
    aborted: false,
    addEventListener: (/** @type {string} */ _, /** @type {any} */ listener) => void listeners.add(listener.handleEvent?.bind(listener) ?? listener),
    removeEventListener: (/** @type {string} */ _, /** @type {any} */ listener) => void listeners.delete(listener),
    dispatchEvent: () => true,
    onabort: null,
  };
  const abort = () => {
    signal.aborted = true;
    for (const listener of listeners) listener(new Event("abort"));
  };
  return { signal: /** @type {any} */ (signal), abort };
}

/** @param {any} error */
function assertAbortError(error) {
  assert.ok(error instanceof DOMException, `${error}`);
  assert.equal(error.name, "AbortError");
}

test("a signal without a reason that was aborted: the call rejects with an AbortError, and sends nothing", async () => {
  const client = await signedIn(KASSA);
  for (const call of [
    (/** @type {any} */ signal) => client.login(ACCOUNTS[KASSA], { signal }),
    (/** @type {any} */ signal) => client.refresh({ signal }),
    (/** @type {any} */ signal) => client.getAccessToken({ signal }),
    (/** @type {any} */ signal) => client.logout({ signal }),
  ]) {
    const { signal, abort } = polyfilled();
    abort();
    assertAbortError(await failure(call(signal)));
  }
  assert.equal(await box.total(), 0);
});

test("a signal without a reason that is aborted on the way: an AbortError", async () => {
  const client = await create(KASSA);
  await box.fault(KASSA, "login", { kind: "hold" });
  const { signal, abort } = polyfilled();
  const login = failure(client.login(ACCOUNTS[KASSA], { signal }));
  await box.held(KASSA);
  abort();
  assertAbortError(await login);
  assert.equal(client.session, null);
});

test("the reason of a signal is given as it is, whatever it is", async () => {
  const client = await create(KASSA);
  for (const reason of ["enough", 0, false, null, { why: 1 }, new Error("no")]) {
    assert.equal(await failure(client.login(ACCOUNTS[KASSA], { signal: AbortSignal.abort(reason) })), reason);
  }
  assertAbortError(await failure(client.login(ACCOUNTS[KASSA], { signal: AbortSignal.abort() })));
});

test("credentials are read when `login` is called: what becomes of the object is the caller's", async () => {
  for (const service of /** @type {const} */ ([KASSA, "invoicebox", "mobile-smarts", "smart-satu"])) {
    const client = await create(service);
    const given = /** @type {Record<string, string>} */ ({ ...ACCOUNTS[service] });
    const login = client.login(/** @type {any} */ (given));
    for (const name of Object.keys(given)) delete given[name];
    given.password = "wrong";
    assert.ok(await login, service);
  }
});

test("tokens are read when `setSession` is called", async () => {
  const client = await create(KASSA);
  const given = { accessToken: "abc", scope: ["read"] };
  const set = client.setSession(given);
  given.accessToken = "";
  given.scope.length = 0;
  assert.deepEqual((await set).scope, ["read"]);
  assert.equal(await client.getAccessToken(), "abc");
});

test("options of a call are read when it is called", async () => {
  const client = await signedIn(KASSA);
  const controller = new AbortController();
  const given = { signal: controller.signal, timeout: 30_000 };
  const renewal = client.refresh(given);
  given.signal = AbortSignal.abort();
  given.timeout = -1;
  assert.ok(await renewal);
});
