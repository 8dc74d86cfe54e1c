/** Timers and tasks that a test has taken away: nothing waits for them, and one that is lost holds up nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../support/package.mjs";
import { ACCOUNTS } from "../support/sandbox.mjs";
import { granting, service } from "./support/virtual.mjs";

const KASSA = "bifit-kassa";
const { AuthClient } = await load();

/** What fake timers take away, as in Jest: put back when the test is over. @param {import("node:test").TestContext} t @param {string[]} names */
function take(t, names) {
  const real = names.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
  /** @type {string[]} */
  const called = [];
  for (const name of names) {
    Object.defineProperty(globalThis, name, { configurable: true, writable: true, value: () => void called.push(name) });
  }
  const restore = () => {
    for (const [name, descriptor] of /** @type {any} */ (real)) Object.defineProperty(globalThis, name, descriptor);
  };
  t.after(restore);
  return { called, restore };
}

/** A service whose answers are streams that wait for no task: Node ends a text by `queueMicrotask`. @param {string} life of its tokens */
function streaming(life = "43199") {
  const { counts, fetch } = service(granting(life));
  /** @type {typeof globalThis.fetch} */
  const answer = async (input, init) => {
    const given = await fetch(input, init);
    const token = String(input).endsWith("/oauth/token");
    const text = token ? granting(life)(counts.tokens) : "{}";
    const body = new ReadableStream({ start: (controller) => (controller.enqueue(new TextEncoder().encode(text)), controller.close()) });
    return new Response(body, { status: given.status, headers: { "content-type": "application/json" } });
  };
  return { counts, fetch: answer };
}

const TASKS = ["queueMicrotask"];
const TIMERS = ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate", "clearImmediate"];

for (const [what, names] of /** @type {[string, string[]][]} */ ([["tasks", TASKS], ["timers", TIMERS], ["tasks and timers", [...TASKS, ...TIMERS]]])) {
  test(`a client lives from its making to its end where ${what} are taken away`, async (t) => {
    const { called } = take(t, names);
    const { counts, fetch } = streaming();
    const client = await AuthClient.create({ provider: KASSA, fetch });
    await client.login(ACCOUNTS[KASSA]);
    assert.equal(await client.getAccessToken(), "access-1");
    assert.equal((await client.fetch("x")).status, 200);
    await client.refresh();
    assert.equal(await client.getAccessToken(), "access-2");
    await client.logout();
    client.close();
    assert.deepEqual(counts, { tokens: 2, calls: 1 });
    assert.ok(!called.includes("queueMicrotask"), "a task of its own was left to the global queueMicrotask");
  });
}

test("where a tick is lost in the middle of a login, later calls and other clients go on", async (t) => {
  const { fetch } = streaming();
  const client = await AuthClient.create({ provider: KASSA, fetch });
  const { restore } = take(t, TASKS);
  const lost = client.login(ACCOUNTS[KASSA]).catch((error) => error);
  restore();
  await client.login(ACCOUNTS[KASSA]);
  await lost;
  await client.refresh();
  assert.equal((await client.fetch("x")).status, 200);
  const other = await AuthClient.create({ provider: KASSA, fetch });
  await other.login(ACCOUNTS[KASSA]);
  client.close();
  other.close();
});

test("a queueMicrotask that throws is not met", async (t) => {
  const real = globalThis.queueMicrotask;
  t.after(() => (globalThis.queueMicrotask = real));
  globalThis.queueMicrotask = () => {
    throw new Error("not here");
  };
  const { fetch } = streaming();
  const client = await AuthClient.create({ provider: KASSA, fetch });
  await client.login(ACCOUNTS[KASSA]);
  await client.refresh();
  client.close();
});
