/** What passes to the provider, and what the page gets back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { LOGIN, mounting, refusal } from "./support/mounted.mjs";

const { mounted, relayOf, provider, serve, createRelay, toNodeHandler } = await mounting();

/** Headers that the platform's own `fetch` and the connection add; the last two where If-None-Match is there. */
const OWN = ["host", "connection", "accept", "accept-language", "accept-encoding", "sec-fetch-mode", "user-agent", "content-length", "transfer-encoding", "pragma", "cache-control"];

test("the relay adds the client's secret, and takes none from the page", async () => {
  const { base, arrived } = await mounted();
  const body = new URLSearchParams({ grant_type: "password", username: "u", password: "p/+=", client_id: "c", client_secret: "of the page" });
  const response = await fetch(`${base}/oauth/token?client_secret=of+the+page`, { method: "POST", body });
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { ok: true });
  assert.equal(arrived[0].url, "/v1/oauth/token");
  assert.equal(arrived[0].body, "grant_type=password&username=u&password=p%2F%2B%3D&client_id=cashdesk-rest-client&client_secret=of+the+relay");
  assert.equal(arrived[0].headers["content-type"], "application/x-www-form-urlencoded");
});

test("of a page's headers the provider sees those that are listed", async () => {
  const { base, origin, arrived } = await mounted();
  const listed = { accept: "text/csv", "accept-language": "ru", "content-type": "text/plain", "if-none-match": '"1"', range: "bytes=0-1", authorization: "Bearer t" };
  const others = { cookie: "sid=1", origin, referer: `${origin}/page`, "user-agent": "browser", "x-forwarded-for": "127.0.0.1", "x-forwarded-host": "evil.test", forwarded: "for=1", "x-custom": "1", te: "trailers", "proxy-authorization": "Basic x", via: "1.1 x", "sec-fetch-site": "same-origin", "sec-fetch-dest": "empty" };
  await fetch(`${base}/protected/goods?page=2`, { method: "PUT", body: "hello", headers: { ...listed, ...others } });
  const { method, url, headers, body } = arrived[0];
  assert.deepEqual([method, url, body], ["PUT", "/v1/protected/goods?page=2", "hello"]);
  const { host, ...seen } = headers;
  for (const [name, value] of Object.entries(listed)) assert.equal(seen[name], value, name);
  assert.equal(seen["content-length"], "5", "as long as the page says");
  assert.notEqual(seen["user-agent"], "browser");
  assert.match(String(host), /^127\.0\.0\.1:/);
  const unknown = Object.keys(seen).filter((name) => !(name in listed) && !OWN.includes(name));
  assert.deepEqual(unknown, []);
});

test("the page gets back status, body and the headers that are listed", async () => {
  const listed = { "content-type": "text/csv", date: "Thu, 01 Jan 2026 00:00:00 GMT", "retry-after": "7", "www-authenticate": 'Bearer error="invalid_token"', etag: '"2"', "content-disposition": "attachment" };
  const { relay, base } = await mounted({
    answer: (_, response) => void response.writeHead(401, { ...listed, "content-length": "4", "set-cookie": "a=1", "access-control-allow-origin": "*", server: "x", "x-powered-by": "y", location: "/z", vary: "cookie" }).end("body"),
  });
  const direct = await relay(new Request("https://app.test/auth/kassa/protected/goods"));
  assert.equal(direct.status, 401);
  assert.deepEqual(Object.fromEntries(direct.headers), { ...listed, "content-length": "4", "cache-control": "no-store" });
  assert.equal(await direct.text(), "body");
  const response = await fetch(`${base}/protected/goods`);
  assert.deepEqual([response.status, await response.text(), response.headers.get("date"), response.headers.get("set-cookie")], [401, "body", listed.date, null]);
});

test("an answer arrives unpacked, without the provider's length, and says what the provider says about caches", async () => {
  const { relay } = await mounted({
    answer: (_, response) => void response.writeHead(200, { "content-encoding": "gzip", "cache-control": "private, max-age=60" }).end(gzipSync("a long text ".repeat(100))),
  });
  const response = await relay(new Request("https://app.test/auth/kassa/protected/goods"));
  assert.equal(await response.text(), "a long text ".repeat(100));
  assert.deepEqual([response.headers.get("content-length"), response.headers.get("content-encoding"), response.headers.get("cache-control")], [null, null, "private, max-age=60"]);
});

test("answers without a body, and to HEAD", async () => {
  for (const status of [204, 304]) {
    const { base } = await mounted({ answer: (_, response) => void response.writeHead(status, { etag: '"1"' }).end() });
    const response = await fetch(`${base}/protected/goods`, { headers: { "if-none-match": '"1"' } });
    assert.deepEqual([response.status, response.headers.get("etag"), await response.text()], [status, '"1"', ""]);
  }
  const { base, arrived } = await mounted({ answer: (_, response) => void response.writeHead(200, { "content-length": "12345" }).end() });
  const response = await fetch(`${base}/protected/goods`, { method: "HEAD" });
  assert.deepEqual([response.status, response.headers.get("content-length"), await response.text(), arrived[0].method], [200, "12345", "", "HEAD"]);
});

test("a redirect of the provider's is followed by nobody", async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    const elsewhere = await provider();
    const { base, arrived } = await mounted({ answer: (_, response) => void response.writeHead(status, { location: `${elsewhere.origin}/x` }).end() });
    for (const path of ["protected/goods", "oauth/token"]) {
      const response = await fetch(`${base}/${path}`, path === "oauth/token" ? LOGIN : {});
      assert.equal(await refusal(response), "502 bad_gateway");
      assert.equal(response.headers.get("location"), null);
    }
    assert.deepEqual([arrived.length, elsewhere.arrived.length], [2, 0]);
  }
});

test("a provider that cannot be reached, or hangs up, is a bad gateway", async () => {
  const closed = await provider();
  closed.server.close();
  const relay = await relayOf(closed.origin);
  assert.equal(await refusal(await relay(new Request("https://app.test/auth/kassa/protected/goods"))), "502 bad_gateway");
  const { base } = await mounted({ answer: (request) => void request.socket.destroy() });
  assert.equal(await refusal(await fetch(`${base}/oauth/token`, LOGIN)), "502 bad_gateway");
});

test("what gives no Response is a bad gateway, and other libraries' Responses pass", async () => {
  const asked = () => new Request("https://app.test/auth/kassa/protected/goods");
  for (const wrong of [undefined, null, 7, {}, { status: 200 }, { status: 99, headers: new Headers() }]) {
    const relay = await relayOf("https://own.test", { fetch: /** @type {any} */ (async () => wrong) });
    assert.equal(await refusal(await relay(asked())), "502 bad_gateway");
  }
  const thrower = await relayOf("https://own.test", { fetch: () => { throw new TypeError("no"); } });
  assert.equal(await refusal(await thrower(asked())), "502 bad_gateway");
  async function* chunks() {
    yield new TextEncoder().encode("in ");
    yield new TextEncoder().encode("parts");
  }
  for (const [body, text] of [[chunks(), "in parts"], [{ getReader: () => new Blob(["read"]).stream().getReader() }, "read"]]) {
    const relay = await relayOf("https://own.test", { fetch: /** @type {any} */ (async () => ({ status: 200, headers: new Headers(), body })) });
    assert.equal(await (await relay(asked())).text(), text);
  }
  const mock = await relayOf("https://own.test", { fetch: /** @type {any} */ (async () => ({ status: 200, headers: new Headers(), text: async () => "mock" })) });
  assert.equal(await (await mock(asked())).text(), "mock");
});

test("the client's own fetch is used where the relay has none of its own", async () => {
  /** @type {string[]} */
  const calls = [];
  const own = (/** @type {string} */ name) => async (/** @type {any} */ address) => {
    calls.push(`${name} ${address}`);
    return new Response("{}");
  };
  const asked = () => new Request("https://app.test/auth/kassa/protected/x");
  await (await relayOf("https://own.test", { client: { fetch: own("client") } }))(asked());
  await (await relayOf("https://own.test", { fetch: own("relay"), client: { fetch: own("client") } }))(asked());
  assert.deepEqual(calls, ["client https://own.test/v1/protected/x", "relay https://own.test/v1/protected/x"]);
});

test("methods that a path does not take are refused, and it is said which it takes", async () => {
  const { base, port, arrived, relay } = await mounted();
  for (const method of ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
    const response = await fetch(`${base}/oauth/token`, { method });
    assert.deepEqual([response.status, response.headers.get("allow")], [405, "POST"], method);
  }
  for (const method of ["OPTIONS", "REPORT"]) {
    const response = await relay(new Request("https://app.test/auth/kassa/protected/x", { method }));
    assert.deepEqual([await refusal(response), response.headers.get("allow")], ["405 method_not_allowed", "GET, HEAD, POST, PUT, PATCH, DELETE"], method);
  }
  const { request } = await import("node:http");
  const trace = request({ port, host: "127.0.0.1", method: "TRACE", path: "/auth/kassa/protected/x" }).end();
  const [answer] = await new Promise((resolve) => trace.on("response", (...all) => resolve(all)));
  answer.resume();
  assert.deepEqual([answer.statusCode, answer.headers.allow], [405, "GET, HEAD, POST, PUT, PATCH, DELETE"]);
  assert.equal(arrived.length, 0);
});

test("refusals say in JSON what the page knows already, and are kept by no cache", async () => {
  const { relay, traces } = await mounted();
  const response = await relay(new Request("https://app.test/auth/kassa/secret/place?code=abc"));
  assert.deepEqual([response.headers.get("content-type"), response.headers.get("cache-control")], ["application/json", "no-store"]);
  assert.deepEqual(await response.json(), { error: { code: "not_found", message: "There is nothing at this path." } });
  assert.deepEqual(traces.map(({ duration, ...record }) => ({ ...record, isLong: duration > 60_000 })), [{ method: "GET", path: "/secret/place?code=***", status: 404, refused: "not_found", isLong: false }]);
});

test("traces tell of each request, and of no secret", async () => {
  const { base, relay, traces } = await mounted();
  await fetch(`${base}/protected/goods?access_token=tok&page=1&q=SECRET`, { headers: { authorization: "Bearer SECRET" } });
  await fetch(`${base}/oauth/token`, LOGIN);
  await fetch(`${base}/protected/goods`, { headers: { origin: "https://evil.test" } });
  await relay(new Request("https://app.test/elsewhere"));
  assert.deepEqual(
    traces.map(({ method, path, status, refused }) => `${method} ${path} ${status} ${refused}`),
    ["GET /protected/goods?access_token=***&page=1&q=*** 200 null", "POST /oauth/token 200 null", "GET /protected/goods 403 origin_not_allowed", "GET /elsewhere 404 not_found"],
  );
  assert.ok(traces.every(({ duration }) => Number.isSafeInteger(duration) && duration >= 0));
});

test("a trace says what the relay has answered by itself, and null of a provider's answer alone", async () => {
  /** @type {string[]} */
  const told = [];
  const onTrace = (/** @type {any} */ { method, status, refused }) => void told.push(`${method} ${status} ${refused}`);
  const bstats = await createRelay({ mount: "/auth/bstats", provider: { provider: "bstats", redirectUri: "https://app.test/back" }, onTrace });
  const authorize = "/auth/bstats/api.php/auth?client_id=a";
  await bstats(new Request(`https://app.test${authorize}`));
  await fetch(`${(await serve(toNodeHandler(bstats))).origin}${authorize}`, { redirect: "manual" });
  const { base } = await mounted({ origins: ["https://shop.test"], onTrace, answer: (_, response) => void response.writeHead(302, { location: "https://elsewhere.test/" }).end() });
  const preflight = (/** @type {string} */ origin) => fetch(`${base}/oauth/token`, { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } });
  await preflight("https://shop.test");
  await preflight("https://evil.test");
  await fetch(`${base}/protected/x`);
  assert.deepEqual(told, ["GET 302 redirect", "GET 302 redirect", "OPTIONS 204 preflight", "OPTIONS 403 origin_not_allowed", "GET 502 bad_gateway"]);
});

test("requests that differ in their credential alone are decided alike, and each has its own", async () => {
  const { base, arrived } = await mounted({ answer: (request, response) => void response.setHeader("etag", `"${request.headers.authorization}"`).end("x".repeat(request.headers.authorization?.length ?? 0)) });
  for (const token of ["one", "another", "one", "as it is", ""]) {
    const response = await fetch(`${base}/protected/goods`, { headers: token ? { authorization: token } : {} });
    assert.deepEqual([response.headers.get("etag"), (await response.text()).length], [`"${token || undefined}"`, token.length]);
  }
  assert.deepEqual(arrived.map(({ headers }) => headers.authorization), ["one", "another", "one", "as it is", undefined]);
});

test("a fetch that replaces the global one is the way to the provider", async () => {
  const { base, arrived } = await mounted();
  const before = globalThis.fetch;
  /** @type {string[]} */
  const asked = [];
  globalThis.fetch = async (input, init) => (String(input).includes("/v1/") ? (asked.push(String(input)), Response.json({ by: "ours" })) : before(input, init));
  try {
    assert.deepEqual(await (await before(`${base}/protected/goods`)).json(), { by: "ours" });
  } finally {
    globalThis.fetch = before;
  }
  assert.equal(asked.length, 1);
  assert.equal(arrived.length, 0);
});

test("a connection that the provider has given up meanwhile is no failure of a call", async () => {
  const { base, behind } = await mounted({ answer: (_, response) => void response.end("ok") });
  assert.equal(await (await fetch(`${base}/protected/goods`)).text(), "ok");
  // What comes next, on the connection that is kept, is answered by nothing but the end of it.
  behind.server.once("request", (request) => request.socket.destroy());
  assert.equal(await (await fetch(`${base}/protected/goods`)).text(), "ok");
});

test("every method takes its body along, of a known length or not, or none", async () => {
  const { base, arrived } = await mounted();
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    for (const body of ["whole", new Blob(["in ", "pieces"]).stream(), undefined]) {
      const response = await fetch(`${base}/protected/goods`, /** @type {any} */ ({ method, body, duplex: "half" }));
      assert.equal(response.status, 200, method);
      await response.text();
    }
    assert.deepEqual(arrived.splice(0).map((one) => `${one.method} ${one.body}`), ["whole", "in pieces", ""].map((body) => `${method} ${body}`));
  }
});

test("a callback that throws or rejects disturbs nobody", async () => {
  for (const onTrace of [() => { throw new Error("no"); }, () => Promise.reject(new Error("no"))]) {
    const { base } = await mounted({ onTrace });
    assert.equal((await fetch(`${base}/protected/goods`)).status, 200);
  }
});

test("wrong options are told with what they accept", async () => {
  const provider = { provider: "bifit-kassa" };
  /** @type {[any, RegExp][]} */
  const table = [
    [undefined, /option `options` must be an object/],
    [[], /option `options` must be an object/],
    [{}, /option `mount`/],
    [{ mount: "auth", provider }, /option `mount`/],
    [{ mount: "/a", provider: "bifit-kassa" }, /option `provider`/],
    [{ mount: "/a" }, /option `provider`/],
    [{ mount: "/a", provider: { provider: "none" } }, /option `provider` must be a profile, or one of bifit-kassa/],
    [{ mount: "/a", provider: { ...provider, baseUrl: "/auth" } }, /option `baseUrl`/],
    [{ mount: "/a", provider: { ...provider, fetch: 7 } }, /option `fetch` must be a function/],
    [{ mount: "/a", provider, api: "protected/" }, /option `api`/],
    [{ mount: "/a", provider, api: ["../x"] }, /option `api`/],
    [{ mount: "/a", provider, apiBase: "/api" }, /option `apiBase`/],
    [{ mount: "/a", provider, origins: ["*"] }, /option `origins`/],
    [{ mount: "/a", provider, maxBody: -1 }, /option `maxBody`/],
    [{ mount: "/a", provider, timeout: 0 }, /option `timeout`/],
    [{ mount: "/a", provider, timeout: Infinity }, /option `timeout`/],
    [{ mount: "/a", provider, onTrace: "log" }, /option `onTrace` must be a function/],
    [{ mount: "/a", provider, fetch: null }, /option `fetch`/],
    [{ mount: "/a", provider, orgins: [] }, /option `orgins`/],
    [{ mount: "/a", provider, timeout: 1n }, /option `timeout`/],
  ];
  for (const [options, message] of table) {
    await assert.rejects(createRelay(options), (/** @type {any} */ error) => {
      assert.deepEqual([error.name, error.code], ["AuthError", "invalid_config"]);
      assert.match(error.message, message);
      assert.ok(error.hint, error.message);
      return true;
    });
  }
  assert.throws(() => toNodeHandler(/** @type {any} */ ({})), { name: "AuthError", code: "invalid_config" });
});

test("an authorize path sends the browser on to the provider's own page", async () => {
  const relay = await createRelay({ mount: "/auth/bstats", provider: { provider: "bstats", redirectUri: "https://app.test/back" } });
  const query = "client_id=bstats.ru&state=s%20t&redirect_uri=https%3A%2F%2Fapp.test%2Fback";
  const asked = (/** @type {Record<string, string>} */ headers) => relay(new Request(`https://app.test/auth/bstats/api.php/auth?${query}`, { headers }));
  const navigation = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  for (const headers of [{}, navigation, { referer: "https://mail.test/" }]) {
    const response = await asked(/** @type {any} */ (headers));
    assert.deepEqual([response.status, response.headers.get("location"), response.headers.get("cache-control")], [302, `https://bstats.ru/api.php/auth?${query}`, "no-store"]);
  }
  for (const headers of [{ origin: "https://evil.test" }, { ...navigation, "sec-fetch-dest": "iframe" }, { ...navigation, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" }]) {
    assert.equal(await refusal(await asked(/** @type {any} */ (headers))), "403 origin_not_allowed");
  }
});

test("a page's script gets no challenge that makes its browser ask for a password, and whoever else asks gets them all", async () => {
  const bearer = 'Bearer error="invalid_token"';
  const challenges = ["Basic realm=\"a, b\"", bearer, "Negotiate"];
  const { base, relay } = await mounted({ answer: (_, response) => void response.writeHead(401, { "www-authenticate": challenges }).end("{}") });
  const ways = { "node:http": () => fetch, Response: () => (/** @type {string} */ url, /** @type {RequestInit} */ init) => relay(new Request(url.replace(/^http:/, "https:"), init)) };
  for (const [way, made] of Object.entries(ways)) {
    const ask = made();
    for (const [path, init] of /** @type {[string, RequestInit][]} */ ([["protected/goods", {}], ["oauth/token", LOGIN]])) {
      for (const [dest, passed] of [["empty", bearer], ["document", challenges.join(", ")], [null, challenges.join(", ")], ["empty", bearer]]) {
        const answer = await ask(`${base}/${path}`, { ...init, headers: dest ? { "sec-fetch-dest": dest } : {} });
        assert.deepEqual([answer.status, answer.headers.get("www-authenticate")], [401, passed], `${way} ${path} ${dest}`);
      }
    }
  }
});
