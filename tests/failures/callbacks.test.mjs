/** Row 11 of the failure table: functions of the caller that call back into the client, and wait for it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { memory, suite } from "../support/suite.mjs";

/** @typedef {import("propusk").AuthClient<any>} Client */

const [KASSA, SATU] = /** @type {const} */ (["bifit-kassa", "smart-satu"]);
const { box, create, signedIn } = await suite();

const call = (/** @type {Client} */ client) => client.fetch(GOODS[client.provider]);
const login = (/** @type {Client} */ client) => client.login(ACCOUNTS[client.provider]);

/** Ends with what a promise ends with, or fails when that takes longer than any wait of a client whose `timeout` is short. @param {Promise<unknown>} promise */
async function settled(promise) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(reject, 60_000, new Error("it waits for itself"))));
  return Promise.race([promise.catch((error) => error), late]).finally(() => clearTimeout(timer));
}

/** What a callback may call. @type {((client: Client) => Promise<unknown>)[]} */
const INNER = [
  call,
  (client) => client.getAccessToken(),
  (client) => client.getAccessToken({ forceRefresh: true }),
  (client) => client.refresh(),
  (client) => client.logout(),
  login,
  async (client) => client.close(),
];

/**
 * Callbacks of the caller, as options: each calls `inner`, and waits for it where it may be asynchronous.
 *
 * @type {Record<string, (inner: () => Promise<unknown>) => object>}
 */
const CALLBACKS = {
  onTrace: (inner) => ({ onTrace: inner }),
  // Every second write fails, the first of a renewal among them: a trouble is told once as long as it lasts.
  onWarning: (inner) => ({ onWarning: inner, storage: within("set", alternating()) }),
  now: (inner) => ({ now: () => (inner(), Date.now()) }),
  fetch: (inner) => ({ fetch: async (/** @type {any} */ input, /** @type {any} */ init) => (await inner(), fetch(input, init)) }),
  credentials: (inner) => ({ provider: SATU, baseUrl: box.services[SATU].baseUrl, credentials: async () => (await inner(), ACCOUNTS[SATU]) }),
  "the store's get": (inner) => ({ storage: within("get", inner) }),
  "the store's set": (inner) => ({ storage: within("set", inner) }),
  "the store's withLock": (inner) => ({ storage: { ...memory(), withLock: async (/** @type {string} */ _, /** @type {any} */ task) => (await inner(), task()) } }),
};

/** A store that does something before it does what it should. @param {"get" | "set"} method @param {() => Promise<unknown>} before */
function within(method, before) {
  const store = memory();
  const real = /** @type {(...given: string[]) => unknown} */ (store[method]);
  return { ...store, [method]: async (/** @type {string[]} */ ...given) => (await before(), real(...given)) };
}

function alternating() {
  let n = 0;
  return async () => assert.ok(++n % 2, "the disk is full");
}

/**
 * Lets a callback call `inner` once during a renewal and once during a call.
 *
 * @param {string} name
 * @param {(client: Client) => Promise<unknown>} inner
 */
async function recursive(name, inner) {
  let armed = false;
  /** @type {Promise<unknown> | undefined} */
  let called;
  const options = CALLBACKS[name](() => {
    if (!armed) return Promise.resolve();
    armed = false;
    return (called = inner(client).catch(() => {}));
  });
  const client = await create(KASSA, { timeout: 3000, retries: 0, ...options });
  await login(client);
  for (const ask of [() => client.refresh(), () => call(client)]) {
    armed = true;
    await settled(ask());
    armed = false;
  }
  assert.ok(called, `${name} was not called`);
  await settled(called);
  // Whatever came of that, the client is not stuck: it answers, or says that it was closed.
  const after = /** @type {any} */ (await settled(login(client)));
  assert.ok(after.details || after.code === "closed", String(after));
  if (after.details) assert.equal((await call(client)).status, 200);
}

test(`11. User callback that calls back into the client: no deadlock (${Object.keys(CALLBACKS).join(", ")})`, { timeout: 180_000 }, async () => {
  // All at once, since some of these waits are as long as a store is waited for.
  await Promise.all(Object.keys(CALLBACKS).flatMap((name) => INNER.map((inner) => recursive(name, inner))));
});

test("11. User callback that calls back into the client: no deadlock (listeners)", async () => {
  for (const inner of INNER) {
    const client = await signedIn(KASSA, { timeout: 1000 });
    /** @type {Promise<unknown> | undefined} */
    let called;
    client.subscribe(() => void (called ??= inner(client).catch((error) => error)));
    await settled(client.refresh());
    assert.ok(called);
    await settled(called);
  }
});
