/** Requests that must not get through: whatever of them arrives at the provider is a fault. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { request as ask } from "node:http";
import { test } from "node:test";
import { LOGIN, mounting, refusal } from "./support/mounted.mjs";

const { mounted, raw, serve, toNodeHandler, relayOf, createRelay } = await mounting();

/** Paths below the mount that lead elsewhere, for some server or other. */
const PATHS = [
  "", "/", "/oauth", "/oauth/token/", "/oauth/token/..", "/oauth/./token", "/oauth//token", "//oauth/token", "/oauth/token;x=1", "/oauth/token%00", "/oauth/token%20", "/OAUTH/TOKEN",
  "/protected", "/protected/../oauth/token", "/protected/../../admin", "/protected/..", "/protected/.", "/protected/./x", "/protected/%2e%2e/admin", "/protected/%2E%2E/admin", "/protected/.%2e/admin", "/protected/%2e/x",
  "/protected/..%2fadmin", "/protected/%2e%2e%2fadmin", "/protected/x%2f..%2f..%2fadmin", "/protected/..%5cadmin", "/protected/..\\admin", "/protected\\..\\admin", "/protected/%5c%5cevil.test", "/protected//evil.test", "/protected///x",
  "/protected/..;/admin", "/protected/x;y", "/protected/..%3b/admin", "/protected/%00", "/protected/x%00.json", "/protected/%0d%0aX:%201", "/protected/%09", "/protected/%7f", "/protected/%252e%252e/admin", "/protected/%252e%252e%252fadmin",
  "/protected/%25%32%65", "/protected/%c0%ae%c0%ae/admin", "/protected/%ff", "/protected/%", "/protected/%zz", "/protected/%u002e", "/protected/file%2ejson", "/protected#/../x", "/protected/x#y", "/protectedX/goods", "/protected.json", "/%2e/protected/goods", "/x/../protected/goods",
  "/%70rotected/%2e%2e/x", "/@evil.test/protected/goods", "/http://evil.test/", "/.", "/..", "/%2e%2e", "/..%2f",
];

test("no path but a named one, and those below a prefix, reaches the provider", async () => {
  const { port, arrived } = await mounted();
  for (const path of PATHS) {
    for (const method of ["GET", "POST"]) {
      const body = method === "POST" ? "grant_type=password" : "";
      const answer = await raw(port, `${method} /auth/kassa${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      assert.match(answer, /^HTTP\/1\.1 (404|400) /, `${method} ${path}`);
      if (answer.startsWith("HTTP/1.1 404")) assert.match(answer, /\{"error":\{"code":"not_found"/, path);
    }
  }
  assert.deepEqual(arrived.map(({ url }) => url), []);
});

test("what an address parser has made of a path is judged as well", async () => {
  const { relay, arrived } = await mounted();
  for (const path of PATHS) {
    const request = new Request(`https://app.test/auth/kassa${path}`, { method: "PUT" });
    const { pathname } = new URL(request.url);
    const response = await relay(request);
    // The parser has taken the dots out, and made of a backslash what it is for browsers.
    const isBelow = /^\/auth\/kassa\/protected\/[^/;%]+$/.test(pathname);
    const isNamed = pathname === "/auth/kassa/oauth/token";
    assert.equal(response.status, isBelow ? 200 : isNamed ? 405 : 404, `${path} is ${pathname}`);
  }
  assert.ok(arrived.every(({ url }) => url.startsWith("/v1/protected/")), JSON.stringify(arrived.map(({ url }) => url)));
});

test("an absolute target is the relay's own or none", async () => {
  const { port, arrived } = await mounted();
  const send = (/** @type {string} */ target) => raw(port, `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);
  for (const target of ["http://evil.test/auth/kassa/protected/goods", "https://127.0.0.1/auth/kassa/protected/goods", `https://127.0.0.1:${port}/auth/kassa/protected/goods`, `http://u@127.0.0.1:${port}/auth/kassa/protected/goods`, `http://127.0.0.1:${port}.evil.test/auth/kassa/protected/goods`]) {
    assert.match(await send(target), /^HTTP\/1\.1 404 [^]*not_found/, target);
  }
  assert.equal(arrived.length, 0);
  assert.match(await send(`http://127.0.0.1:${port}/auth/kassa/protected/goods`), /^HTTP\/1\.1 200 /);
  assert.deepEqual(arrived.map(({ url }) => url), ["/v1/protected/goods"]);
});

test("neither smuggling nor an upgrade reaches the provider", async () => {
  const { port, arrived } = await mounted();
  const inner = "GET /v1/admin HTTP/1.1\r\nHost: x\r\n\r\n";
  const head = `POST /auth/kassa/protected/x HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n`;
  for (const more of [
    `Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
    `Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello${inner}`,
    `Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${inner}`,
    `X: 1\r\nBad Header: 2\r\n\r\n${inner}`,
  ]) {
    assert.match(await raw(port, head + more), /^(HTTP\/1\.1 (400|501) |$)/, more);
  }
  const upgrade = ask({ port, host: "127.0.0.1", path: "/auth/kassa/protected/x", headers: { connection: "Upgrade", upgrade: "websocket", "sec-websocket-key": "x", "sec-websocket-version": "13" } }).end();
  const [response] = await once(upgrade, "response");
  assert.equal(response.statusCode, 400);
  response.resume();
  assert.deepEqual(arrived, []);
  // What comes behind a whole request on one connection is a request of its own, and judged as one.
  const answer = await raw(port, `POST /auth/kassa/protected/x HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 2\r\n\r\nhiGET /auth/kassa/admin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  assert.match(answer, /^HTTP\/1\.1 200 [^]*HTTP\/1\.1 404 /);
  assert.deepEqual(arrived.map(({ method, url, body }) => `${method} ${url} ${body}`), ["POST /v1/protected/x hi"]);
});

test("pages of other origins get nowhere", async () => {
  const { base, origin, arrived } = await mounted();
  const evil = [{ origin: "https://evil.test" }, { origin: "null" }, { origin: `${origin}.evil.test` }, { origin: origin.replace("http:", "https:") }, { "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site" }, { referer: "https://evil.test/" }];
  for (const headers of evil) {
    for (const path of ["oauth/token", "protected/goods", "nothing"]) {
      const response = await fetch(`${base}/${path}`, { ...LOGIN, headers: /** @type {any} */ (headers) });
      assert.equal(await refusal(response), "403 origin_not_allowed", JSON.stringify(headers));
      assert.equal(response.headers.get("access-control-allow-origin"), null);
    }
    const preflight = await fetch(`${base}/oauth/token`, { method: "OPTIONS", headers: { ...headers, "access-control-request-method": "POST" } });
    assert.equal(preflight.status, 403);
  }
  assert.equal(arrived.length, 0);
  for (const headers of [{}, { origin }, { "sec-fetch-site": "same-origin" }, { "sec-fetch-site": "none" }, { referer: `${origin}/page` }]) {
    assert.equal((await fetch(`${base}/oauth/token`, { ...LOGIN, headers: /** @type {any} */ (headers) })).status, 200, JSON.stringify(headers));
  }
});

test("where origins are listed, Host counts for nothing", async () => {
  const { port, arrived } = await mounted({ origins: ["https://shop.test"] });
  const send = (/** @type {string} */ host, /** @type {string} */ origin) =>
    raw(port, `POST /auth/kassa/oauth/token HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 19\r\n\r\ngrant_type=password`);
  for (const host of ["rebound.test", "a b", "evil.test/auth", "[::1", "user@host"]) {
    assert.match(await send(host, `http://${host}`), /^HTTP\/1\.1 403 /, host);
    assert.match(await send(host, "https://shop.test"), /^HTTP\/1\.1 200 /, host);
  }
  assert.equal(arrived.length, 5);
});

test("pages of listed origins are let in by name, without credentials", async () => {
  const { base, arrived, behind } = await mounted({ origins: ["https://shop.test", "http://[::1]:3000", "https://пример.рф"] });
  for (const origin of ["https://shop.test", "http://[::1]:3000", "https://xn--e1afmkfd.xn--p1ai"]) {
    const headers = { origin, "access-control-request-method": "PUT", "access-control-request-headers": "authorization,content-type" };
    const preflight = await fetch(`${base}/protected/goods`, { method: "OPTIONS", headers });
    assert.equal(preflight.status, 204);
    const names = ["allow-origin", "allow-methods", "allow-credentials"].map((name) => preflight.headers.get(`access-control-${name}`));
    assert.deepEqual(names, [origin, "GET, HEAD, POST, PUT, PATCH, DELETE", null]);
    assert.match(preflight.headers.get("access-control-allow-headers") ?? "", /authorization/);
    const response = await fetch(`${base}/protected/goods`, { method: "PUT", body: "x", headers: { origin } });
    assert.deepEqual([response.status, response.headers.get("access-control-allow-origin"), response.headers.get("vary")], [200, origin, "Origin"]);
    const missing = await fetch(`${base}/nothing`, { headers: { origin } });
    assert.deepEqual([missing.status, missing.headers.get("access-control-allow-origin")], [404, origin], "the page may read why");
  }
  assert.equal(arrived.length, 3, "no preflight reaches the provider");
  assert.ok(behind.arrived.every(({ headers }) => !headers.origin));
});

test("a page gets no token by the relay's secret that the profile does not name", async () => {
  const { base, arrived, port } = await mounted();
  const bodies = [
    "grant_type=client_credentials", "grant_type=client_credentials&grant_type=password", "grant_type=password&grant_type=client_credentials", "grant_type=password&GRANT_TYPE=client_credentials", "grant_type=password&grant_type[]=client_credentials",
    "grant_type%00=x&grant_type=password", "", "username=u", "grant_type=", "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer", "%ff", "grant_type=password&x=%ff",
  ];
  const form = { "content-type": "application/x-www-form-urlencoded" };
  for (const body of bodies) {
    assert.equal(await refusal(await fetch(`${base}/oauth/token`, { method: "POST", body, headers: form })), "400 invalid_request", body);
  }
  assert.equal(await refusal(await fetch(`${base}/oauth/token?grant_type=client_credentials`, LOGIN)), "400 invalid_request");
  for (const type of ["application/json", "text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded; charset=utf-16", "application/x-www-form-urlencodedx"]) {
    assert.equal(await refusal(await fetch(`${base}/oauth/token`, { method: "POST", body: "grant_type=password", headers: { "content-type": type } })), "415 unsupported_type", type);
  }
  const packed = await fetch(`${base}/oauth/token`, { method: "POST", body: "grant_type=password", headers: { ...form, "content-encoding": "gzip" } });
  assert.equal(await refusal(packed), "415 unsupported_type");
  assert.equal(arrived.length, 0);
  const answer = await raw(port, `POST /auth/kassa/oauth/token?a=1;grant_type=client_credentials HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 54\r\n\r\ngrant_type=password&username=u;grant_type=evil&q=1;r=2`);
  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.deepEqual(arrived.map(({ url, body }) => [url, body?.split("&").slice(0, 3)]), [["/v1/oauth/token?a=1%3Bgrant_type%3Dclient_credentials", ["grant_type=password", "username=u%3Bgrant_type%3Devil", "q=1%3Br%3D2"]]]);
});

test("Authorization of a token request is the profile's, and none where it names none", async () => {
  const { base, arrived } = await mounted();
  await fetch(`${base}/oauth/token`, { ...LOGIN, headers: { authorization: "Basic cGFnZTpwYWdl" } });
  await fetch(`${base}/protected/goods`, { headers: { authorization: "Bearer t" } });
  await raw(Number(new URL(base).port), `GET /auth/kassa/protected/goods HTTP/1.1\r\nHost: x\r\nConnection: close, Authorization\r\nAuthorization: Bearer t\r\n\r\n`);
  assert.deepEqual(arrived.map(({ headers }) => headers.authorization), [undefined, "Bearer t", undefined], "what Connection names is for the relay alone");
});

test("an address that an answer names is no place to call", async () => {
  const food = await mounted();
  const { base, arrived } = await mounted({ answer: async (_, response) => void response.end(JSON.stringify({ access_token: "t", url_api: food.origin, access_token_expiration_time: 9999999999 })) });
  assert.equal((await fetch(`${base}/oauth/token`, LOGIN)).status, 200);
  await fetch(`${base}/protected/x`);
  assert.deepEqual([arrived.length, food.arrived.length], [2, 0]);
});

test("a mount that is the start of another path is not that path", async () => {
  const { relay, origin } = await mounted();
  const other = await serve((_, response) => void response.end("the other one"));
  assert.ok(other);
  for (const path of ["/auth/kassa2/oauth/token", "/auth/kassa-x/protected/goods", "/auth", "/auth/", "/AUTH/kassa/oauth/token", "/auth%2fkassa/oauth/token"]) {
    assert.equal(await refusal(await relay(new Request(`https://app.test${path}`, LOGIN))), "404 not_found", path);
    assert.equal((await fetch(origin + path, LOGIN)).status, 404, path);
  }
  const first = await relayOf("https://one.test", { mount: "/auth", fetch: async () => new Response("one") });
  const second = await createRelay({ mount: "/auth/two", provider: { provider: "bifit-kassa", baseUrl: "https://two.test" }, api: ["protected/"], fetch: async () => new Response("two") });
  const both = await serve((request, response) => toNodeHandler(second)(request, response, () => toNodeHandler(first)(request, response)));
  const text = async (/** @type {string} */ path) => (await fetch(both.origin + path)).text();
  assert.equal(await text("/auth/protected/x"), "one");
  assert.equal(await text("/auth/two/protected/x"), "two");
});
