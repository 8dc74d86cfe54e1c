/** The same requests to the package and to the repository's program: the same answers. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, beforeEach, test } from "node:test";
import { start } from "../support/sandbox.mjs";
import { open } from "./support/box.mjs";

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const DEMO = "b37c4c689295904ed21eee5d9a48d42e";
const HASH = "K7gNU3sdo%2BOL0wNhqoVWhr3g6s1xYv72ol%2Fpe%2FUnols%3D";
const CLIENT = "client_id=cashdesk-rest-client&client_secret=cashdesk-rest-client";
const TOKEN = "/cashdesk-api/v1/oauth/token";
const CONSENT = "/api.php/auth?client_id=shop&client_name=Shop&response_type=code&scope=dossier&redirect_uri=http%3A%2F%2F127.0.0.1%2Fback";

/**
 * Service, method, path, headers, body. `{access}`, `{refresh}` and `{code}` stand for what the service's last answers held.
 *
 * @type {[import("../support/sandbox.mjs").Service, string, string, (Record<string, string> | string[])?, string?][]}
 */
const REQUESTS = [
  ["bifit-kassa", "POST", TOKEN, FORM, `grant_type=password&username=79990000001&password=${HASH}&${CLIENT}`],
  ["bifit-kassa", "GET", "/cashdesk-api/v1/protected/goods?page=1", { authorization: "Bearer {access}" }],
  ["bifit-kassa", "POST", "/cashdesk-api/v1/protected/goods", { authorization: "Bearer {access}" }, "привет"],
  ["bifit-kassa", "HEAD", "/cashdesk-api/v1/protected/goods", { authorization: "Bearer {access}" }],
  ["bifit-kassa", "GET", "/cashdesk-api/v1/protected/goods", { authorization: "Bearer none" }],
  ["bifit-kassa", "GET", "/cashdesk-api/v1/protected/goods", ["authorization: Bearer {access}", "authorization: Bearer {access}"]],
  ["bifit-kassa", "POST", TOKEN, FORM, `grant_type=refresh_token&refresh_token={refresh}&${CLIENT}`],
  ["bifit-kassa", "POST", TOKEN, FORM, `grant_type=refresh_token&refresh_token=none&${CLIENT}`],
  ["bifit-kassa", "POST", TOKEN, FORM, `grant_type=password&username=79990000002&password=${HASH}&${CLIENT}`],
  ["bifit-kassa", "POST", TOKEN, FORM, `grant_type=password&username=79990000002&password=${HASH}&code=123456&${CLIENT}`],
  ["bifit-kassa", "POST", TOKEN, FORM, `grant_type=password&username=79990000003&password=${HASH}&${CLIENT}`],
  ["bifit-kassa", "GET", "/cashdesk-api/v1/protected/goods", { authorization: "Bearer {access}" }],
  ["bifit-kassa", "POST", TOKEN, FORM, "a=%zz"],
  ["bifit-kassa", "POST", TOKEN, { "content-type": "text/plain" }, "a=b"],
  ["bifit-kassa", "DELETE", TOKEN],
  ["bifit-kassa", "OPTIONS", TOKEN, { origin: "http://shop.test", "access-control-request-method": "POST", "access-control-request-headers": "content-length" }],
  ["bifit-kassa", "GET", "/", { origin: "http://shop.test" }],
  ["bifit-kassa", "POST", TOKEN, FORM, "x".repeat((1 << 20) + 1)],
  ["invoicebox", "GET", "/v3/security/api/auth/auth", { accept: "application/json", authorization: `Bearer ${DEMO}` }],
  ["invoicebox", "GET", "/l3/security/api/auth/auth", { accept: "application/json", authorization: `Bearer 29078-API:${DEMO}` }],
  ["invoicebox", "GET", "/v3/security/api/auth/auth", { accept: "application/json" }],
  ["invoicebox", "GET", "/v3/security/api/auth/auth", { accept: "text/html" }],
  ["invoicebox", "PUT", "/v3/orders/%D0%B6?q=1", { authorization: `bearer ${DEMO}`, "x-odd": "caf\u00e9" }, "{}"],
  ["invoicebox", "GET", "/v3/orders", { authorization: "Bearer f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0" }],
  ["mobile-smarts", "POST", "/api/session", FORM, "grant_type=password&username=user%40domain.ru&password=123456"],
  ["mobile-smarts", "GET", "/api/v1/Docs", { authorization: "Bearer {access}" }],
  ["mobile-smarts", "POST", "/oauth/token", FORM, "grant_type=refresh_token&refresh_token={refresh}&client_id=123&client_secret=user"],
  ["mobile-smarts", "GET", "/api/v1/session?username=user%40domain.ru&password=wrong"],
  ["mobile-smarts", "GET", "/api/v1/Docs", { authorization: "Basic dXNlckBkb21haW4ucnU6MTIzNDU2" }],
  ["bstats", "GET", CONSENT],
  ["bstats", "POST", CONSENT, FORM, "login=demo&password=wrong&decision=allow"],
  ["bstats", "POST", CONSENT, FORM, "login=demo&password=demo&decision=allow"],
  ["bstats", "POST", "/api.php/token?redirect_uri=http%3A%2F%2F127.0.0.1%2Fback", FORM, "code={code}&client_id=shop&grant_type=authorization_code"],
  ["bstats", "GET", "/api.php?app=dossier&method=customer.getuuid&format=xml&access_token={access}"],
  ["bstats", "GET", "/api.php?app=dossier&method=customer.fail&access_token={access}"],
  ["bstats", "GET", "/none"],
  ["smart-satu", "POST", "/api/user/login", { "content-type": "application/json; charset=utf-8", country: "ru" }, '{"username":"supplier","password":"qwerty","direction":"food"}'],
  ["smart-satu", "GET", "/api/orders", { authorization: "Bearer {access}", country: "ru" }],
  ["smart-satu", "GET", "/api/orders", { country: "RU" }],
  ["smart-satu", "POST", "/api/user/login", { "content-type": "application/json; charset=utf-8", country: "ru" }, '{"username":1}'],
];

/** What the last answers held. @typedef {{ access?: string, refresh?: string, code?: string }} Held */

/**
 * Sends a request as it stands, and gives the answer but for what no two answers have in common.
 *
 * @param {string} origin
 * @param {Held} held
 * @param {string} method
 * @param {string} path
 * @param {Record<string, string> | string[]} headers
 * @param {string} body
 */
async function exchange(origin, held, method, path, headers, body) {
  const filled = (/** @type {string} */ text) => text.replace(/\{(access|refresh|code)\}/g, (_, name) => held[/** @type {keyof Held} */ (name)] ?? assert.fail(`no ${name}`));
  const lines = Array.isArray(headers) ? headers : Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  const head = [`${method} ${filled(path)} HTTP/1.1`, "host: service.test", ...lines.map(filled), `content-length: ${Buffer.byteLength(filled(body))}`];
  socket.on("error", () => {});
  socket.write(Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"));
  socket.write(filled(body));
  /** @type {Buffer[]} */
  const chunks = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  await new Promise((resolve) => socket.once("close", resolve));
  const text = Buffer.concat(chunks).toString();
  for (const [name, pattern] of Object.entries({ access: /ccess_token"?:"([^"]+)/, refresh: /efresh_token"?:"([^"]+)/, code: /[?&]code=(\w+)/ })) {
    held[/** @type {keyof Held} */ (name)] = pattern.exec(text)?.[1] ?? held[/** @type {keyof Held} */ (name)];
  }
  const [top, ...rest] = text.split("\r\n\r\n");
  const [status, ...named] = top.split("\r\n");
  return {
    status: status.split(" ")[1],
    headers: named.map((line) => constant(line.replace(/^[^:]+/, (name) => name.toLowerCase()))).sort(),
    body: constant(rest.join("\r\n\r\n")),
  };
}

/** Without tokens, moments and ports. @param {string} text */
function constant(text) {
  return text
    .replace(/^date: .*/, "date: *")
    .replace(/(x-request-id: )\w+/, "$1*")
    .replace(/([?&]code=)\w+/, "$1*")
    .replace(/(ccess_token"?:|efresh_token"?:)"[^"]+"/g, '$1"*"')
    .replace(/(expiration_time":)\d+/, "$1*")
    .replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:*")
    .replace(/(Access token expired: )[\w-]+/g, "$1*");
}

/** @type {Awaited<ReturnType<typeof start>>} */
let program;
before(async () => {
  program = await start();
});
beforeEach(() => program.reset());
after(() => program?.stop());

test("the package answers as the program does", async () => {
  const box = await open();
  /** @type {Record<string, [Held, Held]>} */
  const held = {};
  for (const [service, method, path, headers = {}, body = ""] of REQUESTS) {
    const [one, other] = (held[service] ??= [{}, {}]);
    const ask = (/** @type {string} */ url, /** @type {Held} */ known) => exchange(new URL(url).origin, known, method, path, headers, body);
    const [expected, answer] = await Promise.all([ask(program.services[service].baseUrl, one), ask(box.urls[service], other)]);
    assert.deepEqual(answer, expected, `${service} ${method} ${path}`);
  }
  const seen = (await program.journal()).map(({ service, method, path, status, purpose, verdict, why }) => {
    return { service, method, path, status, purpose, refused: verdict === "refused" ? why : null };
  });
  assert.equal(seen.length, REQUESTS.length);
  assert.deepEqual(box.requests(), seen);
});

test("and its first port is the program's control port", async () => {
  // Six ports in a row are free or not: whoever asks for them asks again.
  for (let first = 20_200; ; first += 6) {
    const box = await open({ ports: first }).catch((error) => assert.ok(error.code === "EADDRINUSE" && first < 30_000, error));
    if (!box) continue;
    const control = `http://127.0.0.1:${first}`;
    for (const [method, path, body] of [["GET", "/options"], ["GET", "/counts"], ["POST", "/faults", '{"service":"bstats"}'], ["GET", "/none"], ["PUT", "/reset"], ["OPTIONS", "/reset"], ["GET", "/families?service=bstats"]]) {
      const ask = (/** @type {string} */ origin) => exchange(origin, {}, method, path, { connection: "close" }, body ?? "");
      const [expected, answer] = await Promise.all([ask(program.control), ask(control)]);
      const plain = ({ headers, ...rest }) => ({ ...rest, headers: headers.filter((/** @type {string} */ line) => !/^(date|connection):/.test(line)) });
      assert.deepEqual(plain(answer), plain(expected), `${method} ${path}`);
    }
    await fetch(`${control}/faults`, { method: "POST", body: '{"service":"invoicebox","purpose":"api","kind":"hold"}' });
    const waiting = fetch(`${box.urls.invoicebox}/v3/`);
    assert.deepEqual(await (await fetch(`${control}/held?atLeast=1`)).json(), { held: 1 });
    assert.deepEqual(await (await fetch(`${control}/release`, { method: "POST" })).json(), { released: 1 });
    assert.equal((await waiting).status, 401);
    await fetch(`${control}/reset`, { method: "POST" });
    assert.deepEqual(box.requests(), []);
    return;
  }
});
