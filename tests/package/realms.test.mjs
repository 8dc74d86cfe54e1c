/** The package in one realm and the platform's classes in another, as test runners and sandboxes of code have it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import vm from "node:vm";
import { ACCOUNTS, GOODS, start } from "../support/sandbox.mjs";
import { consumer } from "./consumer.mjs";

const KASSA = "bifit-kassa";
/** What the realm is given of this one; the classes of the language, with the arrays of bytes, are its own. */
const HOST = { atob, btoa, fetch, Headers, Request, Response, URL, URLSearchParams, AbortController, AbortSignal, DOMException, ReadableStream, TextDecoder, TextEncoder, setTimeout, clearTimeout, performance, crypto, console, queueMicrotask, structuredClone };

let dist = "";
/** @type {import("../support/sandbox.mjs").Sandbox} */
let box;

before(async () => {
  ({ dist } = await consumer());
  box = await start();
});
after(() => box?.stop());

/** The CommonJS build in a realm of its own. @param {Record<string, unknown>} [more] globals */
function realm(more = {}) {
  const context = vm.createContext({ ...HOST, ...more });
  /** @type {Map<string, any>} */
  const loaded = new Map();
  const require = (/** @type {string} */ name) => {
    if (!loaded.has(name)) {
      const script = { exports: {} };
      loaded.set(name, script);
      vm.runInContext(`(function (module, exports, require) {${readFileSync(join(dist, name), "utf8")}\n})`, context)(script, script.exports, require);
    }
    return loaded.get(name).exports;
  };
  return { context, run: (/** @type {string} */ code) => vm.runInContext(code, context), .../** @type {typeof import("propusk")} */ (require("./index.cjs")) };
}

test("a client in another realm signs in, calls, renews, with this one's fetch", async () => {
  const { AuthClient } = realm();
  const client = await AuthClient.create({ provider: KASSA, baseUrl: box.services[KASSA].baseUrl });
  assert.equal((await client.login(ACCOUNTS[KASSA])).subject, "120041");
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
  await client.refresh();
  await client.logout();
  client.close();
});

test("options, credentials and headers of the other realm are read by what they hold", async () => {
  const here = realm();
  const { AuthClient, isAuthError } = here;
  const client = await AuthClient.create(here.run(`({ provider: "${KASSA}", baseUrl: "${box.services[KASSA].baseUrl}", allowedOrigins: ["https://files.example"], now: () => Date.now() })`));
  await client.login(here.run(`(${JSON.stringify(ACCOUNTS[KASSA])})`));
  assert.equal((await client.fetch(GOODS[KASSA], here.run(`({ headers: [["accept", "application/json"]] })`))).status, 200);
  assert.equal((await client.fetch(GOODS[KASSA], here.run(`({ headers: { accept: "application/json" } })`))).status, 200);
  const error = await client.login(here.run(`({ username: 1, password: [] })`)).catch((error) => error);
  assert.ok(isAuthError(error, "invalid_input"), String(error));
  client.close();
});

test("an error of one copy is known to the other, and to no class of this realm", async () => {
  const [one, other] = [realm(), realm()];
  /** @type {any} */
  const error = await one.AuthClient.create(/** @type {any} */ ({ provider: "nobody" })).catch((error) => error);
  assert.deepEqual([other.isAuthError(error, "invalid_config"), other.isAuthError(error, "network")], [true, false]);
  for (const type of [other.AuthError, Error]) assert.equal(error instanceof type, false);
  assert.equal(Object.prototype.toString.call(error), "[object Error]");
});

const GRANT = `{"access_token":"access","refresh_token":"refresh","token_type":"bearer","expires_in":3600,"user_id":"жук"}`;

/** Bytes as hosts hand them out. @type {Record<string, (bytes: Uint8Array, foreign: any) => Iterable<unknown>>} */
const CHUNKS = {
  "an array of bytes of another realm": (bytes, foreign) => [foreign.Uint8Array.from(bytes)],
  "many of them, cut within a letter": (bytes, foreign) => [...bytes].map((byte) => foreign.Uint8Array.of(byte)),
  "a Buffer": (bytes) => [Buffer.from(bytes)],
  "a part of a larger array": (bytes, foreign) => {
    const larger = new foreign.Uint8Array(bytes.length + 20).fill(0x20);
    larger.set(bytes, 7);
    return [larger.subarray(7, 7 + bytes.length)];
  },
  "empty arrays between": (bytes, foreign) => [new foreign.Uint8Array(0), bytes.subarray(0, 40), new Uint8Array(0), bytes.subarray(40)],
};

for (const [what, cut] of Object.entries(CHUNKS)) {
  test(`an answer whose chunks are ${what} is read`, async () => {
    const foreign = vm.runInNewContext("({ Uint8Array })");
    const chunks = [...cut(new TextEncoder().encode(GRANT), foreign)];
    const stream = () => new ReadableStream({ start: (controller) => (chunks.forEach((chunk) => controller.enqueue(chunk)), controller.close()) });
    const answer = () => {
      const response = new Response(null, { headers: { "content-type": "application/json" } });
      return Object.defineProperty(response, "body", { value: stream() });
    };
    const { AuthClient } = realm();
    const client = await AuthClient.create({ provider: KASSA, fetch: async () => answer() });
    assert.equal((await client.login(ACCOUNTS[KASSA])).subject, "жук");
    assert.equal(await client.getAccessToken(), "access");
    client.close();
  });
}

for (const [what, chunk] of /** @type {[string, unknown][]} */ ([["text", GRANT], ["numbers", [123, 125]], ["a number", 5], ["words of 16 bits", new Uint16Array(8)], ["null", null]])) {
  test(`an answer whose chunks are ${what} is refused as no stream of bytes`, async () => {
    const body = new ReadableStream({ start: (controller) => (controller.enqueue(chunk), controller.close()) });
    const response = Object.defineProperty(new Response(null, { headers: { "content-type": "application/json" } }), "body", { value: body });
    const { AuthClient, isAuthError } = realm();
    const client = await AuthClient.create({ provider: KASSA, fetch: async () => response, retries: 0 });
    const error = await client.login(ACCOUNTS[KASSA]).catch((error) => error);
    assert.ok(isAuthError(error), String(error));
    assert.ok(["invalid_response", "network"].includes(error.code), error.code);
    client.close();
  });
}
