/** A Redis that is away, hangs, crashes, refuses or forgets: an error within the time, and never an older value over a newer one. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { load } from "../support/package.mjs";
import { leaked, plantToken, readable } from "../support/secrets.mjs";
import { failure } from "../support/suite.mjs";
import { CURRENT, KINDS, overhear, redisStore } from "./support/clients.mjs";
import { serve } from "./support/redis.mjs";
import { later, until } from "./support/scratch.mjs";
import { wire } from "./support/wire.mjs";

const { isAuthError } = await load();
const server = await serve();
const KEY = "propusk:session";
beforeEach(() => server.command("FLUSHALL"));

/** @typedef {import("propusk").TokenStore} TokenStore */

/** Everything that asks Redis for something. @type {[string, (store: Required<TokenStore>) => Promise<unknown>][]} */
const CALLS = [
  ["get", (store) => Promise.resolve(store.get(KEY))],
  ["set", (store) => Promise.resolve(store.set(KEY, "value"))],
  ["delete", (store) => Promise.resolve(store.delete(KEY))],
  ["withLock", (store) => store.withLock(KEY, async () => {})],
];

/** That a call is rejected as an outage should be, after the time that it was given. @param {() => Promise<unknown>} call @param {number} timeout */
async function outage(call, timeout) {
  const start = performance.now();
  const error = await failure(call());
  const took = performance.now() - start;
  assert.ok(isAuthError(error, "storage"), String(error));
  assert.equal(error.retryable, true);
  assert.ok(error.hint);
  assert.match(error.message, new RegExp(`within ${timeout} ms`));
  assert.ok(took > timeout / 2 && took < timeout + 15_000, `it took ${took} ms`);
  return error;
}

/** Does something before the script that writes is sent. @param {any} client @param {() => void} act */
function beforeWrite(client, act) {
  let isDue = true;
  return overhear(client, (words) => {
    if (!isDue || !words.some((word) => word.includes("'SET', KEYS[1], ARGV[5]"))) return;
    isDue = false;
    act();
  });
}

for (const kind of KINDS) {
  test(`${kind.name}: with a client that is not connected every call is storage, within the time`, async () => {
    /** @type {string[][]} */
    const sent = [];
    const client = overhear(kind.make({ host: "127.0.0.1", port: 1 }), (words) => void sent.push(words));
    const store = redisStore(client, { timeout: 300 });
    await Promise.all(CALLS.map(([, call]) => outage(() => call(store), 300)));
    assert.deepEqual(sent, [], "nothing waits in the client's queue");
  });

  test(`${kind.name}: with a client that was closed every call is storage at once`, async () => {
    const client = await kind.connect(server);
    const store = redisStore(client, { timeout: 600_000 });
    await store.get(KEY);
    kind.close(client);
    for (const [, call] of CALLS) {
      const error = await failure(call(store));
      assert.ok(isAuthError(error, "storage"), String(error));
      assert.match(error.message, /was closed/);
    }
  });

  test(`${kind.name}: where Redis hangs every call is storage, within the time`, async () => {
    const store = redisStore(await kind.connect(server), { timeout: 300 });
    await store.get(KEY);
    server.hang();
    await Promise.all(CALLS.map(([, call]) => outage(() => call(store), 300)));
    server.goOn();
    // Not one of them was kept for later.
    assert.equal(await redisStore(await kind.connect(server)).get(KEY), null);
    assert.equal(await store.get(KEY), null);
  });

  test(`${kind.name}: a write that Redis comes to after its time does nothing`, async () => {
    const client = await kind.connect(server);
    const store = redisStore(client, { timeout: 300 });
    await store.set(KEY, "old");
    beforeWrite(client, server.hang);
    await outage(async () => store.set(KEY, "late"), 300);
    server.goOn();
    // It is done with what came before on this connection.
    assert.equal(await store.get(KEY), "old");
  });

  test(`${kind.name}: a write that a client sends again after a crash does not overwrite a newer one`, async () => {
    const client = await kind.connect(server);
    const store = redisStore(client, { timeout: 300 });
    await store.set(KEY, "old");
    beforeWrite(client, server.hang);
    await outage(async () => store.set(KEY, "late"), 300);
    await server.stop("SIGKILL");
    await server.start();
    await redisStore(await kind.connect(server)).set(KEY, "newer");
    await until(() => Promise.resolve(store.get(KEY)).catch(() => null));
    assert.equal(await store.get(KEY), "newer");
    assert.equal(await server.command("GET", KEY), "newer");
  });

  test(`${kind.name}: a write that was done, but whose answer was lost, is not done a second time`, async () => {
    const lossy = await wire(server);
    const client = await kind.connect(lossy);
    const store = redisStore(client, { timeout: 20_000 });
    const other = redisStore(await kind.connect(server));
    for (const [next, after] of /** @type {[() => Promise<unknown>, string | null][]} */ ([
      [async () => other.set(KEY, "newer"), "newer"],
      [async () => other.delete(KEY), null],
    ])) {
      beforeWrite(client, lossy.lose);
      const writing = Promise.resolve(store.set(KEY, "first"));
      await until(async () => (await server.command("GET", KEY)) === "first");
      await next();
      lossy.cut();
      await writing;
      assert.equal(await server.command("GET", KEY), after);
      assert.equal(await store.get(KEY), after);
    }
  });

  test(`${kind.name}: a short outage is waited for, and what was written before it is there`, async () => {
    const store = redisStore(await kind.connect(server), { timeout: 20_000 });
    await store.set(KEY, "before");
    for (const signal of /** @type {const} */ (["SIGTERM", "SIGKILL"])) {
      await server.stop(signal);
      const [reading, writing, locking] = [store.get(KEY), store.set("other", signal), store.withLock("third", async () => "held")];
      await server.start();
      assert.equal(await reading, "before");
      await writing;
      assert.equal(await server.command("GET", "other"), signal);
      assert.equal(await locking, "held");
    }
  });

  test(`${kind.name}: a client that connects a little later is waited for`, async () => {
    const client = kind.make(server);
    const reading = redisStore(client).get(KEY);
    if (!client.status) await client.connect();
    assert.equal(await reading, null);
  });

  test(`${kind.name}: what Redis refuses is storage at once, with its reason and without a secret`, async () => {
    const store = redisStore(await kind.connect(server), { timeout: 60_000 });
    await server.command("CONFIG", "SET", "maxmemory", "1");
    later(() => server.command("CONFIG", "SET", "maxmemory", "0"));
    const error = await failure(Promise.resolve(store.set(KEY, plantToken("session"))));
    assert.ok(isAuthError(error, "storage"), String(error));
    assert.match(error.message, /refused to write.*OOM/);
    assert.ok(error.hint);
    assert.deepEqual(leaked(readable(error)), []);
  });
}

test("a Redis without scripts is storage at once, and shows no secret though it repeats what it was sent", async () => {
  const bare = await serve("--rename-command", "EVAL", "");
  for (const kind of CURRENT) {
    const client = await kind.connect(bare);
    const store = redisStore(client, { timeout: 60_000 });
    const key = plantToken("key");
    for (const call of [() => store.get(key), () => store.set(key, plantToken("value")), () => store.delete(key), () => store.withLock(key, async () => {})]) {
      const error = await failure(Promise.resolve(call()));
      assert.ok(isAuthError(error, "storage"), String(error));
      assert.match(error.message, /unknown command/i);
      assert.deepEqual(leaked(readable(error)), []);
    }
  }
});

test("a Redis that came back empty is storage, and no logout, to a store that knew better, until something is written", async () => {
  for (const { connect } of CURRENT) {
    const [knows, other] = [redisStore(await connect(server)), redisStore(await connect(server))];
    await knows.set(KEY, "session");
    await server.command("FLUSHALL");
    const error = await failure(Promise.resolve(knows.get(KEY)));
    assert.ok(isAuthError(error, "storage"), String(error));
    assert.match(`${error.message} ${error.hint}`, /lost data.*appendonly/);
    assert.equal(await other.get(KEY), null, "a store that never saw it cannot know");
    await other.set(KEY, "again");
    assert.equal(await knows.get(KEY), "again");
    await server.command("FLUSHALL");
    await failure(Promise.resolve(knows.get(KEY)));
    await knows.set(KEY, "own");
    assert.equal(await knows.get(KEY), "own");
    await server.command("FLUSHALL");
    await other.delete(KEY);
    assert.equal(await knows.get(KEY), null, "that one was a logout");
  }
});

test("a Redis that came back with an older state is storage to a store that knew better, until something is written", async () => {
  const [knows, other] = [redisStore(await CURRENT[0].connect(server)), redisStore(await CURRENT[1].connect(server))];
  await other.set(KEY, "older");
  const keys = await server.command("KEYS", "*");
  const older = await Promise.all(keys.map((/** @type {string} */ key) => server.command("GET", key)));
  await other.set(KEY, "newer");
  assert.equal(await knows.get(KEY), "newer");
  for (const [n, key] of keys.entries()) await server.command("SET", key, older[n]);
  const error = await failure(Promise.resolve(knows.get(KEY)));
  assert.ok(isAuthError(error, "storage"), String(error));
  await redisStore(await CURRENT[0].connect(server)).set(KEY, "newest");
  assert.equal(await knows.get(KEY), "newest");
});

test("a value that somebody deletes by hand is gone, as at a logout; one that is set by hand is there", async () => {
  const store = redisStore(await CURRENT[0].connect(server));
  await store.set(KEY, "session");
  await server.command("DEL", KEY);
  assert.equal(await store.get(KEY), null);
  await server.command("FLUSHALL");
  await server.command("SET", KEY, "by hand");
  assert.equal(await store.get(KEY), "by hand");
});

test("a deletion is remembered for a day, and nothing else stays of a session", async () => {
  const store = redisStore(await CURRENT[0].connect(server));
  await store.set(KEY, "session");
  await store.delete(KEY);
  const keys = await server.command("KEYS", "*");
  assert.equal(keys.length, 1);
  const left = await server.command("PTTL", keys[0]);
  assert.ok(left > 82_000_000 && left <= 86_400_000, String(left));
  assert.ok(!(await server.command("GET", keys[0])).includes("session"));
  await server.command("DEL", keys[0]);
  assert.equal(await store.get(KEY), null);
});
