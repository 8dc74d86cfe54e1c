/** `fetch` with the credential: where it goes, what it takes, what comes back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { CALLBACK, clock, failure, suite } from "../support/suite.mjs";
import { json } from "../support/recorder.mjs";

const KASSA = "bifit-kassa";
const { box, create, make, record, rows, signedIn } = await suite();

const TOKENS = { access_token: "tok", token_type: "bearer", expires_in: 43199, refresh_token: "r" };

/** A signed-in client whose server writes down what comes. @param {object} [options] @param {(request: import("../support/recorder.mjs").Recorded) => import("../support/recorder.mjs").Answer | void} [answer] */
async function recorded(options, answer = () => {}) {
  const server = await record((request) => (request.url.endsWith("/oauth/token") ? json(TOKENS) : answer(request)));
  const client = await make({ provider: KASSA, baseUrl: `${server.origin}/base/v1`, ...options });
  await client.login(ACCOUNTS[KASSA]);
  server.requests.length = 0;
  return { client, ...server };
}

rows("a relative address is below the base", [
  ["goods", "/base/v1/goods"],
  ["/goods", "/base/v1/goods"],
  ["goods/1?a=b&a=c#part", "/base/v1/goods/1?a=b&a=c"],
  ["?a=b", "/base/v1?a=b"],
  ["товары/й", "/base/v1/%D1%82%D0%BE%D0%B2%D0%B0%D1%80%D1%8B/%D0%B9"],
], async ([input, url]) => {
  const { client, requests } = await recorded();
  await client.fetch(input);
  const got = requests.map(({ url: path, headers }) => [path.replace("/v1/?", "/v1?"), headers.authorization]);
  assert.deepEqual(got, [[url, "Bearer tok"]]);
});

test("absolute addresses of the provider's origin, as text, URL and Request", async () => {
  const { client, requests, origin } = await recorded();
  await client.fetch(`${origin}/elsewhere?x=1`);
  await client.fetch(new URL(`${origin}/elsewhere?x=2`));
  await client.fetch(new Request(`${origin}/elsewhere?x=3`, { headers: { "x-own": "1" } }));
  await client.fetch(origin.toUpperCase().replace("HTTP", "HTTP"));
  assert.deepEqual(requests.map(({ url }) => url), ["/elsewhere?x=1", "/elsewhere?x=2", "/elsewhere?x=3", "/"]);
  assert.ok(requests.every(({ headers }) => headers.authorization === "Bearer tok"));
  assert.equal(requests[2].headers["x-own"], "1");
});

test("a relative path with dots does not leave the origin", async () => {
  const { client, requests } = await recorded();
  await client.fetch("../../../other").catch(() => {});
  assert.ok(requests.every(({ url }) => url.startsWith("/")));
});

test("other origins are refused, however they are written, and nothing is sent", async () => {
  const foreign = await record();
  const { client, origin, requests } = await recorded();
  const host = foreign.origin.slice("http:".length);
  const { port } = new URL(origin);
  const inputs = [
    foreign.origin,
    `${foreign.origin}/base/v1/goods`,
    host,
    `/${host.slice(1)}`,
    `\\\\${host.slice(2)}`,
    `/\\${host.slice(2)}`,
    `\t//${host.slice(2)}`,
    ` ${foreign.origin}`,
    `http:\n${host}`,
    `${origin}@${host.slice(2)}/`,
    `http://127.0.0.1:${port}@${host.slice(2)}/`,
    `https://127.0.0.1:${port}/`,
    `ws://127.0.0.1:${port}/`,
    `http://localhost:${port}/`,
    "http://127.0.0.1/",
    "ftp://127.0.0.1/",
    "file:///etc/hostname",
    "data:text/plain,hello",
    "blob:http://127.0.0.1/1",
    "javascript:alert(1)",
    new URL(foreign.origin),
    new Request(foreign.origin),
  ];
  for (const input of inputs) {
    const error = await failure(client.fetch(input));
    assert.ok(["origin_not_allowed", "invalid_input"].includes(error.code), `${JSON.stringify(input)}: ${error.code}`);
  }
  for (const input of inputs.slice(0, 2)) assert.equal((await failure(client.fetch(input))).code, "origin_not_allowed");
  assert.deepEqual([foreign.requests, requests], [[], []]);
});

test("a user in the address is refused, not sent", async () => {
  const { client, origin, requests } = await recorded();
  const error = await failure(client.fetch(`${origin.replace("http://", "http://user:pass@")}/x`));
  assert.ok(["origin_not_allowed", "invalid_input"].includes(error.code), error.code);
  assert.ok(!`${error.message}${error.stack}${JSON.stringify(error)}`.includes("pass@"));
  assert.deepEqual(requests, []);
});

test("allowedOrigins may receive the credential, exactly these", async () => {
  const [one, two] = [await record(), await record()];
  const { client } = await recorded({ allowedOrigins: [one.origin] });
  await client.fetch(`${one.origin}/x`);
  assert.equal(one.requests[0].headers.authorization, "Bearer tok");
  assert.equal((await failure(client.fetch(`${two.origin}/x`))).code, "origin_not_allowed");
  assert.deepEqual(two.requests, []);
});

rows("allowedOrigins that are no list of origins are refused", [["*"], ["example.com"], ["https://example.com/path"], ["https://user@example.com"], ["null"], [""], [5], "https://example.com", ["https://example.com?x"], ["javascript:"]], async (allowedOrigins) => {
  const error = await failure(create(KASSA, { allowedOrigins }));
  assert.equal(error.code, "invalid_config");
  assert.match(error.message, /allowedOrigins/);
});

test("an allowed origin is not reached over http on another machine", async () => {
  const { client, requests } = await recorded({ allowedOrigins: ["http://api.example.com"] });
  assert.equal((await failure(client.fetch("http://api.example.com/x"))).code, "insecure_url");
  assert.deepEqual(requests, []);
});

test("the caller's own Authorization is refused, in any form", async () => {
  const { client, origin, requests } = await recorded();
  for (const headers of [{ Authorization: "x" }, { aUTHORIZATION: "" }, [["authorization", "x"]], new Headers({ authorization: "x" })]) {
    assert.equal((await failure(client.fetch("x", /** @type {any} */ ({ headers })))).code, "invalid_input");
  }
  const request = new Request(`${origin}/x`, { headers: { authorization: "Bearer mine" } });
  const error = await failure(client.fetch(request));
  assert.equal(error.code, "invalid_input");
  assert.ok(!JSON.stringify([error, error.message, error.stack]).includes("Bearer mine"));
  assert.deepEqual(requests, []);
});

test("method, headers and body of init go through, over those of a Request", async () => {
  const { client, requests, origin } = await recorded();
  await client.fetch("a", { method: "PUT", headers: { "x-own": "1", "content-type": "text/x" }, body: "hello" });
  await client.fetch(new Request(`${origin}/b`, { method: "POST", body: "old", headers: { "x-old": "1" } }), { method: "PATCH", body: "new", headers: { "x-new": "2" } });
  await client.fetch("c", { method: "HEAD" });
  await client.fetch("d", { method: "delete", headers: [["x-own", "1"], ["x-own", "2"]] });
  assert.deepEqual(
    requests.map(({ method, body, headers }) => [method, body, headers["x-own"], headers["x-old"], headers["x-new"], headers.authorization]),
    [
      ["PUT", "hello", "1", undefined, undefined, "Bearer tok"],
      ["PATCH", "new", undefined, undefined, "2", "Bearer tok"],
      ["HEAD", "", undefined, undefined, undefined, "Bearer tok"],
      ["DELETE", "", "1, 2", undefined, undefined, "Bearer tok"],
    ],
  );
  assert.equal(requests[0].headers["content-type"], "text/x");
});

test("what the caller passes is not changed", async () => {
  const { client, origin } = await recorded();
  const init = Object.freeze({ headers: Object.freeze({ "x-own": "1" }) });
  const headers = new Headers({ "x-own": "1" });
  const request = new Request(`${origin}/x`, { headers: { "x-own": "1" } });
  const url = new URL(`${origin}/x?y=1`);
  await client.fetch("x", init);
  await client.fetch(url, { headers });
  await client.fetch(request);
  assert.deepEqual([headers.get("authorization"), request.headers.get("authorization"), url.href], [null, null, `${origin}/x?y=1`]);
});

test("the Response is the runtime's own, streaming, whatever its status", async () => {
  const client = await signedIn(KASSA);
  await box.fault(KASSA, "api", { kind: "stall" });
  const stalled = await client.fetch(GOODS[KASSA]);
  assert.equal(stalled.status, 200);
  assert.ok(stalled instanceof Response && stalled.body && !stalled.bodyUsed);
  await stalled.body.cancel();
  for (const status of [204, 302, 400, 403, 404, 429, 500, 503]) {
    await box.fault(KASSA, "api", { kind: "status", status, body: status === 204 ? "" : "not json" });
    const response = await client.fetch(GOODS[KASSA], { redirect: "manual" });
    assert.equal(response.status, status);
    assert.equal(await response.text(), status === 204 ? "" : "not json");
  }
  assert.equal((await box.counts(KASSA)).api, 9);
});

test("API calls are not repeated when the connection breaks", async () => {
  const client = await signedIn(KASSA, { retries: 2 });
  await box.fault(KASSA, "api", { kind: "reset", times: -1 });
  const error = await failure(client.fetch(GOODS[KASSA]));
  assert.equal(error.code, "network");
  assert.ok(error.cause);
  assert.deepEqual(await box.counts(KASSA), { api: 1 });
});

test("without a session: login_required, and nothing is sent", async () => {
  const client = await create(KASSA);
  assert.equal((await failure(client.fetch("x"))).code, "login_required");
  assert.equal(await box.total(), 0);
});

test("an aborted call rejects with the signal's reason", async () => {
  const client = await signedIn(KASSA);
  await box.fault(KASSA, "api", { kind: "hold", times: -1 });
  const reason = { any: "thing" };
  const controller = new AbortController();
  const call = failure(client.fetch(GOODS[KASSA], { signal: controller.signal }));
  await box.held(KASSA);
  controller.abort(reason);
  assert.equal(await call, reason);
  const request = new Request(box.services[KASSA].api, { signal: controller.signal });
  await failure(client.fetch(request));
  assert.equal(await failure(client.fetch(GOODS[KASSA], { signal: AbortSignal.abort("early") })), "early");
  assert.deepEqual(await box.counts(KASSA), { api: 1 });
});

test("an abort after the answer ends its body, as with fetch", async () => {
  const client = await signedIn(KASSA);
  await box.fault(KASSA, "api", { kind: "stall" });
  const controller = new AbortController();
  const response = await client.fetch(GOODS[KASSA], { signal: controller.signal });
  const reading = failure(response.text());
  controller.abort();
  assert.equal((await reading).name, "AbortError");
});

test("a redirect from our origin to a foreign one carries no credential", async () => {
  const foreign = await record(() => json({ ok: 1 }));
  for (const status of [301, 302, 303, 307, 308]) {
    const { client } = await recorded({}, () => ({ status, headers: { location: `${foreign.origin}/x` } }));
    await client.fetch("x").catch(() => {});
  }
  assert.ok(foreign.requests.every(({ headers, url }) => headers.authorization === undefined && !url.includes("tok")));
});

test("a redirect within the origin is followed with the credential", async () => {
  const { client, requests } = await recorded({}, ({ url }) => (url.endsWith("/a") ? { status: 302, headers: { location: "/b" } } : json({})));
  assert.equal((await client.fetch("a")).status, 200);
  assert.deepEqual(requests.map(({ headers }) => headers.authorization), ["Bearer tok", "Bearer tok"]);
});

test("a token in the query stays out of a redirect to a foreign origin", async () => {
  const foreign = await record();
  const server = await record(({ url }) =>
    url.startsWith("/api.php/token") ? json({ access_token: "secrettoken" }) : { status: 302, headers: { location: `${foreign.origin}/x` } },
  );
  const client = await make({ provider: "bstats", baseUrl: server.origin, redirectUri: CALLBACK });
  await client.authorizationUrl();
  await client.handleRedirect(`${CALLBACK}?code=1`);
  await client.fetch("?app=dossier").catch(() => {});
  assert.ok(foreign.requests.every((request) => !JSON.stringify(request).includes("secrettoken")));
});

test("inputs that are no address are told as the caller's mistake", async () => {
  const client = await signedIn(KASSA);
  for (const input of ["http://", "http://a b/", "http://127.0.0.1:99999/", "//"]) {
    const error = await failure(client.fetch(input));
    assert.ok(["invalid_input", "origin_not_allowed"].includes(error.code), `${input}: ${error.code}`);
  }
  assert.equal((await box.counts(KASSA)).api, undefined);
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
});

/** What `fetch` refuses, and what of it is at fault. @type {[any, string][]} */
const REFUSED = [
  [{ method: "a b" }, "method"],
  [{ method: "TRACE" }, "method"],
  [{ headers: { "a b": "c" } }, "headers"],
  [{ headers: { a: "\n\u0000" } }, "headers"],
  [{ redirect: "never" }, "redirect"],
  [{ cache: "always" }, "cache"],
  [{ referrer: "http://" }, "referrer"],
  [{ method: "GET", body: "x" }, "init"],
  [{ method: "POST", body: new Blob(["x"]).stream() }, "init"],
  [{ headers: { upgrade: "websocket" } }, "init"],
  [5, "init"],
];

rows("what `fetch` itself refuses of an init is the caller's mistake, told by name, with a token at hand; the API sees nothing", REFUSED, async ([init, name]) => {
  const client = await signedIn(KASSA);
  const { code, fault, retryable, message } = await failure(client.fetch("x", init));
  assert.deepEqual([code, fault, retryable, message.includes(`\`${name}\``)], ["invalid_input", "caller", false, true], message);
  assert.equal(await box.total(), 0);
});

test("a length that is not the body's is told likewise, though its head may have been sent", async () => {
  const client = await signedIn(KASSA);
  const { code, retryable } = await failure(client.fetch("x", { method: "POST", body: "x", headers: { "content-length": "5" } }));
  assert.deepEqual([code, retryable], ["invalid_input", false]);
});

test("and with a token that is over, before it is renewed", async () => {
  const time = clock();
  const client = await signedIn(KASSA, { now: time.now });
  time.pass(43_199_000);
  for (const init of [{ method: "a b" }, { redirect: "never" }, { method: "GET", body: "x" }]) {
    assert.equal((await failure(client.fetch("x", /** @type {any} */ (init)))).code, "invalid_input");
  }
  assert.equal(await box.total(), 0);
});

test("a body that was used up is no mistake when the connection breaks", async () => {
  /** @type {any} */
  const breaking = async (/** @type {string} */ url, /** @type {any} */ init) => {
    if (url.endsWith("/oauth/token")) return fetch(url, init);
    await new Response(init.body).arrayBuffer();
    throw new TypeError("fetch failed", { cause: Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }) });
  };
  const client = await signedIn(KASSA, { fetch: breaking });
  const body = new Blob(["x"]).stream();
  for (const init of [{ method: "POST", body, duplex: "half" }, { method: "PUT", body: new FormData() }, { method: "POST", body: new URLSearchParams("a=b") }]) {
    assert.equal((await failure(client.fetch("x", /** @type {any} */ (init)))).code, "network");
  }
});

test("a token that ends during nothing at all: fetch looks at the clock each time", async () => {
  const time = clock();
  const client = await signedIn(KASSA, { now: time.now });
  for (let n = 1; n <= 3; n += 1) {
    time.pass(43_199_000);
    assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
    assert.deepEqual(await box.counts(KASSA), { refresh: n, api: n });
  }
});
