/** Hosts and callers that are not as one expects: every call settles, with an AuthError where it fails. */
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import vm from "node:vm";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { json } from "../support/recorder.mjs";
import { failure, memory, suite } from "../support/suite.mjs";

const KASSA = "bifit-kassa";
const { box, create, later, make, propusk, record, signedIn } = await suite();
const { AuthClient, isAuthError } = propusk;

/** Takes the place of a global until the test ends. @param {string} name @param {unknown} value */
function replace(name, value) {
  const before = Object.getOwnPropertyDescriptor(globalThis, name);
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  later(() => (before ? Object.defineProperty(globalThis, name, before) : Reflect.deleteProperty(globalThis, name)));
}

/** An answer without a stream of Node's: those use what is replaced here. @type {any} */
const ANSWER = {
  status: 200,
  headers: { get: () => null },
  arrayBuffer: async () => Buffer.from('{"access_token":"a","refresh_token":"r","expires_in":3600}'),
};

const boom = () => {
  throw new Error("boom");
};

test("tests that replace timers and tasks before a client is made: it works, and so does the next one", { timeout: 10_000 }, async () => {
  const options = /** @type {any} */ ({ provider: KASSA, fetch: async () => ANSWER });
  for (const isReplaced of [true, false]) {
    if (isReplaced) {
      replace("queueMicrotask", () => {});
      mock.timers.enable({ apis: ["setTimeout", "setInterval", "setImmediate"] });
      later(() => mock.timers.reset());
    }
    const client = await make(options);
    await client.login(ACCOUNTS[KASSA]);
    assert.ok(await client.refresh());
    assert.equal((await client.fetch("x")).status, 200);
    mock.timers.reset();
  }
});

test("a host that hands nothing to listeners on its way down, as Cloudflare's workers: a client with a store works there", async () => {
  const listening = (/** @type {string} */ _, /** @type {unknown} */ listener, /** @type {unknown} */ options) => {
    if (options === true || /** @type {any} */ (options)?.capture) throw new TypeError("useCapture must be false.");
    assert.equal(typeof listener, "function");
  };
  replace("addEventListener", listening);
  replace("removeEventListener", listening);
  const client = await create(KASSA, { storage: memory() });
  assert.equal((await client.login(ACCOUNTS[KASSA])).subject, "120041");
  client.close();
});

test("a realm whose chunks and answers are not ours: they are known by their shape", async () => {
  const context = vm.createContext({});
  const foreign = vm.runInContext("(text) => Uint8Array.from(text, (c) => c.charCodeAt(0))", context);
  /** @type {any} */
  const own = async () => ({
    status: 200,
    headers: { get: () => null },
    body: new ReadableStream({
      start(controller) {
        controller.enqueue(foreign('{"access_token":"a'));
        controller.enqueue(foreign('bc","expires_in":60}'));
        controller.close();
      },
    }),
  });
  const client = await create(KASSA, { fetch: own });
  await client.login(ACCOUNTS[KASSA]);
  assert.equal(await client.getAccessToken(), "abc");
});

for (const [what, name, value] of /** @type {[string, string, any][]} */ ([
  ["no Headers", "Headers", undefined],
  ["no AbortController", "AbortController", undefined],
  ["no crypto", "crypto", undefined],
  ["no fetch", "fetch", undefined],
  ["a fetch that is no function", "fetch", 5],
  ["a Date whose now throws", "Date", class extends Date { static now = boom; }],
  ["a performance whose now throws", "performance", { now: boom, timeOrigin: 0 }],
  ["a setTimeout that throws", "setTimeout", boom],
  ["a Response whose getters throw", "Response", boom],
])) {
  test(`a host with ${what}: every call settles`, { timeout: 10_000 }, async () => {
    // Not Node's, which uses some of these itself.
    const client = await create(KASSA, { retries: 0, ...(name !== "fetch" && { fetch: async () => ANSWER }) });
    replace(name, value);
    for (const call of [() => client.login(ACCOUNTS[KASSA]), () => client.fetch(GOODS[KASSA]), () => client.refresh(), () => client.getAccessToken(), () => client.logout()]) {
      const error = await call().then(() => null, (/** @type {unknown} */ error) => error);
      assert.ok(error === null || isAuthError(error), String(/** @type {any} */ (error)?.stack));
    }
  });
}

/** Objects that throw wherever they are touched. @type {[string, () => any][]} */
const WILD = [
  ["a Proxy whose ownKeys throws", () => new Proxy({}, { ownKeys: boom })],
  ["a Proxy whose get throws", () => new Proxy({ a: 1 }, { get: boom })],
  ["a revoked Proxy", () => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; }],
  ["an object whose getter throws", () => ({ get username() { return boom(); } })],
  ["an object without a prototype", () => Object.create(null)],
  ["a symbol", () => Symbol("x")],
  ["a bigint", () => 1n],
  ["a function", () => () => {}],
  ["a class", () => class {}],
];

for (const [what, wild] of WILD) {
  test(`whatever is given, ${what}: the call settles, with an AuthError`, async () => {
    const client = await signedIn(KASSA);
    const calls = [
      () => AuthClient.create(wild()),
      () => AuthClient.create({ provider: wild() }),
      () => AuthClient.create({ provider: KASSA, storage: wild() }),
      () => AuthClient.create({ provider: KASSA, allowedOrigins: [wild()] }),
      () => client.login(wild()),
      () => client.login({ username: wild(), password: "x" }),
      () => client.login(/** @type {any} */ (ACCOUNTS[KASSA]), wild()),
      () => client.confirm(wild()),
      () => client.setSession(wild()),
      () => client.setSession({ accessToken: "a", scope: wild() }),
      () => client.refresh({ signal: wild() }),
      () => client.refresh({ timeout: wild() }),
      () => client.getAccessToken(wild()),
      () => client.handleRedirect(wild()),
      () => client.problem(wild()),
      () => client.fetch(wild()),
      () => client.fetch(GOODS[KASSA], { headers: wild() }),
      () => client.fetch(GOODS[KASSA], { signal: wild() }),
    ];
    for (const call of calls) {
      const error = await call().then(() => null, (/** @type {unknown} */ error) => error);
      assert.ok(error === null || isAuthError(error), `${call}: ${String(/** @type {any} */ (error)?.stack ?? error)}`);
    }
    assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
  });
}

test("a signal that does not say why it was aborted: an AbortError", async () => {
  const client = await signedIn(KASSA);
  const signal = { aborted: true, addEventListener() {}, removeEventListener() {} };
  for (const call of [() => client.refresh(/** @type {any} */ ({ signal })), () => client.fetch(GOODS[KASSA], /** @type {any} */ ({ signal }))]) {
    const error = await failure(call());
    assert.ok(error instanceof DOMException);
    assert.equal(error.name, "AbortError");
  }
});

test("the option fetch gets an address and an init, whatever the caller gave", async () => {
  /** @type {[unknown, any][]} */
  const given = [];
  /** @type {any} */
  const own = (/** @type {any} */ input, /** @type {any} */ init) => {
    given.push([input, init]);
    return fetch(input, init);
  };
  const client = await signedIn(KASSA, { fetch: own });
  given.length = 0;
  const url = `${box.services[KASSA].api}/${GOODS[KASSA]}`.replace(/([^:])\/+/g, "$1/");
  const { origin, pathname } = new URL(url);
  for (const input of [GOODS[KASSA], new URL(pathname, origin), new Request(new URL(pathname, origin), { method: "POST", body: "x", headers: { "x-own": "1" } })]) {
    assert.equal((await client.fetch(input)).status, 200);
  }
  for (const [input, init] of given) assert.deepEqual([typeof input, typeof init], ["string", "object"]);
  const [, last] = given[2];
  assert.deepEqual([last.method, new Headers(last.headers).get("x-own"), Buffer.from(last.body).toString()], ["POST", "1", "x"]);
});

test("credentials are read at once: their owner may wipe them", async () => {
  const client = await create(KASSA);
  const account = { ...ACCOUNTS[KASSA] };
  const login = client.login(account);
  account.password = "";
  assert.equal((await login).subject, "120041");
});

const CYRILLIC = "неверный пароль";
/** The text in windows-1251. @param {string} text */
const cp1251 = (text) => Buffer.from([...text].map((c) => (c >= "А" && c <= "я" ? c.charCodeAt(0) - 0x350 : c.charCodeAt(0))));

test("bodies are decoded as they declare, by Content-Type or by an XML declaration", async () => {
  const body = JSON.stringify({ error: "invalid_grant", error_description: CYRILLIC });
  for (const [type, bytes] of /** @type {[string, Uint8Array][]} */ ([
    ["application/json; charset=windows-1251", cp1251(body)],
    ['application/json; charset="Windows-1251"', cp1251(body)],
    ["application/json; charset=utf-8", Buffer.from(body)],
    ["application/json", Buffer.from(body)],
    ["application/json; charset=utf-16le", Buffer.from(body, "utf16le")],
  ])) {
    const { origin } = await record(() => ({ status: 400, headers: { "content-type": type }, body: bytes }));
    const error = await failure((await make({ provider: KASSA, baseUrl: origin })).login(ACCOUNTS[KASSA]));
    assert.deepEqual([error.code, error.providerCode, error.providerMessage], ["invalid_credentials", "invalid_grant", CYRILLIC], type);
  }
  const xml = `<?xml version="1.0" encoding="windows-1251"?><response><error>invalid_grant</error><error_description>${CYRILLIC}</error_description></response>`;
  const answer = new Response(cp1251(xml), { status: 400, headers: { "content-type": "application/xml" } });
  const problem = await (await create("bstats")).problem(answer);
  assert.equal(problem?.providerMessage, CYRILLIC);
});

test("a charset that is not known, or bytes that are no text in it: invalid_response, with the status", async () => {
  for (const [type, bytes] of /** @type {[string, Uint8Array][]} */ ([
    ["application/json; charset=klingon", Buffer.from("{}")],
    ["application/json; charset=utf-16le", Buffer.from([0x00, 0xd8, 0x00])],
    ["application/json", Buffer.from([0xff, 0xfe, 0xfd])],
  ])) {
    const { origin } = await record(() => ({ headers: { "content-type": type }, body: bytes }));
    const error = await failure((await make({ provider: KASSA, baseUrl: origin })).login(ACCOUNTS[KASSA]));
    assert.deepEqual([error.code, error.status], ["invalid_response", 200], type);
  }
});

test("texts in headers are UTF-8 where their bytes are, else Latin-1", async () => {
  for (const [bytes, shown] of /** @type {[string, string][]} */ ([
    [Buffer.from(CYRILLIC).toString("latin1"), CYRILLIC],
    ["caf\u00e9", "caf\u00e9"],
  ])) {
    const answer = { status: 401, headers: new Headers(), clone: () => new Response("", { status: 401 }) };
    answer.headers.set("www-authenticate", `Bearer error="invalid_token", error_description="${bytes}"`);
    const problem = await (await create(KASSA)).problem(/** @type {any} */ (answer));
    assert.equal(problem?.providerMessage, shown);
  }
});

test("an answer over 1 MiB: invalid_response, with the status that came", async () => {
  const { origin } = await record(() => ({ status: 400, body: "x".repeat(1024 * 1024 + 1) }));
  const error = await failure((await make({ provider: KASSA, baseUrl: origin })).login(ACCOUNTS[KASSA]));
  assert.deepEqual([error.code, error.status], ["invalid_response", 400]);
});

/** What `fetch` of Node rejects with, by the code of its cause. @param {string} code */
const lost = (code) => Object.assign(new TypeError("fetch failed"), { cause: Object.assign(new Error(code), { code }) });

for (const [code, hint] of /** @type {[string, RegExp][]} */ ([
  ["CERT_HAS_EXPIRED", /NODE_EXTRA_CA_CERTS/],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", /certificate/],
  ["SELF_SIGNED_CERT_IN_CHAIN", /certificate/],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", /NODE_EXTRA_CA_CERTS/],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", /certificate/],
  ["ERR_TLS_CERT_ALTNAME_INVALID", /certificate/],
  ["ENOTFOUND", /name/],
])) {
  test(`${code} does not pass: one try, not retryable, and the hint says what helps`, async () => {
    let tries = 0;
    const lostAlways = () => Promise.reject((tries += 1, lost(code)));
    const client = await create(KASSA, { fetch: lostAlways });
    const error = await failure(client.login(ACCOUNTS[KASSA]));
    assert.deepEqual([error.code, error.retryable, tries], ["network", false, 1]);
    assert.match(error.hint, hint);
    await client.setSession({ accessToken: "a" });
    const ofCall = await failure(client.fetch("x"));
    assert.deepEqual([ofCall.code, ofCall.retryable], ["network", false]);
    assert.match(ofCall.hint, hint);
  });
}

for (const code of ["ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EAI_AGAIN", "UND_ERR_SOCKET"]) {
  test(`${code} may pass: it is tried again`, async () => {
    let tries = 0;
    const client = await create(KASSA, { retries: 1, fetch: () => Promise.reject((tries += 1, lost(code))) });
    const error = await failure(client.login(ACCOUNTS[KASSA]));
    assert.deepEqual([error.code, error.retryable, tries], ["network", true, 2]);
  });
}

test("a certificate that nobody has signed, as Node tells of it", async () => {
  const { createServer } = await import("node:https");
  const { key, cert } = await selfSigned();
  const server = createServer({ key, cert }, (_, response) => response.end(JSON.stringify({ access_token: "a" })));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  later(() => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const client = await make({ provider: KASSA, baseUrl: `https://127.0.0.1:${port}` });
  const error = await failure(client.login(ACCOUNTS[KASSA]));
  assert.deepEqual([error.code, error.retryable], ["network", false]);
  assert.match(error.hint, /NODE_EXTRA_CA_CERTS/);
});

/** A key and a certificate of its own, by openssl. */
async function selfSigned() {
  const { execFileSync } = await import("node:child_process");
  const { mkdtempSync, readFileSync, rmSync } = await import("node:fs");
  const { tmpdir } = await import("node:os");
  const { join } = await import("node:path");
  const folder = mkdtempSync(join(tmpdir(), "propusk-tls-"));
  later(() => rmSync(folder, { recursive: true, force: true }));
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => join(folder, name));
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert], { stdio: "ignore" });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

test("the brake: where the repetition is refused too, the next refusals cost no renewal, until a call succeeds", async () => {
  let renewals = 0;
  let status = 401;
  const { origin } = await record(({ url, body }) => {
    if (!url.endsWith("/oauth/token")) return { status };
    if (body.includes("refresh_token")) renewals += 1;
    return json({ access_token: `a${renewals}`, refresh_token: "r", expires_in: 43199 });
  });
  const client = await make({ provider: KASSA, baseUrl: origin });
  await client.login(ACCOUNTS[KASSA]);
  for (let n = 0; n < 10; n += 1) assert.equal((await client.fetch("x")).status, 401);
  assert.equal(renewals, 1);
  status = 200;
  assert.equal((await client.fetch("x")).status, 200);
  status = 401;
  for (let n = 0; n < 10; n += 1) assert.equal((await client.fetch("x")).status, 401);
  assert.equal(renewals, 2, "a success has released it");
});
