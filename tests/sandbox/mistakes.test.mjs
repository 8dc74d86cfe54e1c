/** What there is none of is told at once, and what there is. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { SERVICES, open, startSandbox } from "./support/box.mjs";

/** @type {[string, any, RegExp][]} */
const OPTIONS = [
  ["an option that there is none of", { port: 4200 }, /"port".*ports, tokenLifetime, latency, cors, grace/],
  ["no object", 4200, /an object/],
  ["null", null, /an object/],
  ["a list", [], /an object/],
  ["ports: text", { ports: "4200" }, /ports: .*from 0 to 65530.*'4200'/],
  ["ports: too high for six", { ports: 65531 }, /ports: .*65530/],
  ["ports: negative", { ports: -1 }, /ports/],
  ["ports: a fraction", { ports: 4200.5 }, /ports/],
  ["tokenLifetime: a fraction", { tokenLifetime: 0.5 }, /tokenLifetime: a whole number/],
  ["tokenLifetime: null", { tokenLifetime: null }, /tokenLifetime/],
  ["latency: negative", { latency: -1 }, /latency/],
  ["latency: NaN", { latency: NaN }, /latency/],
  ["latency: longer than timers", { latency: 2 ** 40 }, /latency/],
  ["cors: text", { cors: "off" }, /cors: true or false/],
  ["grace: no end", { grace: Infinity }, /grace/],
];
for (const [what, options, message] of OPTIONS) {
  test(`options: ${what}`, () => assert.rejects(startSandbox(options), { name: "TypeError", message }));
}

test("options that are undefined are left out", async () => {
  const box = await open(/** @type {any} */ ({ ports: undefined, tokenLifetime: undefined, latency: undefined, cors: undefined, grace: undefined }));
  assert.equal(Object.keys(box.urls).length, 5);
});

/** @type {[string, any, RegExp][]} */
const FAULTS = [
  ["a kind that there is none of", { kind: "explode" }, /kind: one of "status", "reset", "hang", "slow", "cut" .*'explode'/],
  ["a purpose that there is none of", { purpose: "signin" }, /purpose: one of "login", "refresh", "exchange", "check", "api"/],
  ["a member that there is none of", { code: 500 }, /"code".*purpose, status, body, contentType, retryAfter, kind, times/],
  ["no object", "reset", /an object/],
  ["nothing", undefined, /an object/],
  ["a status that is none", { status: 99 }, /status.*200 to 599/],
  ["a status that is text", { status: "500" }, /status/],
  ["a body that is an object", { body: { error: "x" } }, /body: text/],
  ["a media type of two lines", { contentType: "text/html\r\nx: y" }, /contentType/],
  ["seconds that are none", { retryAfter: -1 }, /retryAfter/],
  ["seconds of two lines", { retryAfter: "1\r\n" }, /retryAfter/],
  ["times that are none", { times: -1 }, /times/],
  ["half a time", { times: 0.5 }, /times/],
  ["an answer where nothing is answered", { kind: "reset", status: 500 }, /status: nothing is answered where kind is "reset"/],
  ["a body where nothing is answered", { kind: "hang", body: "x" }, /body: nothing is answered/],
];
test("faults that are none change nothing", async () => {
  const box = await open();
  for (const [what, fault, message] of FAULTS) assert.throws(() => box.fault("invoicebox", fault), { name: "TypeError", message }, what);
  assert.equal((await fetch(`${box.urls.invoicebox}/v3/`)).status, 401);
});

test("a service that there is none of", async () => {
  const box = await open();
  const message = new RegExp(SERVICES.map((service) => `"${service}"`).join(", "));
  for (const service of /** @type {any[]} */ (["kassa", "", null, 5, "toString", "__proto__"])) {
    assert.throws(() => box.fault(service, {}), { name: "TypeError", message });
    assert.throws(() => box.expire(service), { name: "TypeError", message });
    assert.throws(() => box.revoke(service), { name: "TypeError", message });
    assert.throws(() => box.requests(service), { name: "TypeError", message });
  }
  for (const name of /** @type {const} */ (["fault", "expire", "revoke"])) assert.throws(() => /** @type {any} */ (box)[name](), { name: "TypeError", message });
});

test("what a sandbox shows cannot be changed", async () => {
  const box = /** @type {any} */ (await open());
  assert.throws(() => (box.urls.invoicebox = ""), TypeError);
  assert.throws(() => box.accounts.bstats.pop(), TypeError);
  assert.throws(() => (box.accounts.bstats[0].credentials.password = ""), TypeError);
});

/** Six ports in a row of which one is taken. */
async function taken() {
  for (;;) {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    if (port < 65531) return { port, first: port - 3, free: () => new Promise((resolve) => server.close(resolve)) };
    server.close();
  }
}

test("ports that are taken: an error that names the port, and none of the six stays taken", async () => {
  for (let attempt = 0; ; attempt += 1) {
    const { port, first, free } = await taken();
    try {
      const error = await startSandbox({ ports: first }).then(
        () => assert.fail("it listened where something else does"),
        (error) => error,
      );
      assert.equal(error.code, "EADDRINUSE");
      assert.match(error.message, new RegExp(`ports ${first} to ${first + 5}.*ports: 0`));
      assert.equal(error.cause.code, "EADDRINUSE");
      // Another program may have had one of the others.
      if (!error.message.includes(`127.0.0.1:${port}: the port is taken`) && attempt < 10) continue;
      assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${port}: the port is taken`));
    } finally {
      await free();
    }
    const box = await startSandbox({ ports: first }).catch((error) => error);
    if (box instanceof Error && attempt < 10) continue;
    const ports = Object.values(box.urls).map((url) => Number(new URL(String(url)).port));
    assert.deepEqual(ports, [1, 2, 3, 4, 5].map((at) => first + at));
    await box.close();
    return;
  }
});
