/** Values in Redis: by every client, under any key, with nothing else in the way. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Cluster } from "ioredis";
import { Redis as Redis5 } from "ioredis-5";
import { createClientPool, createSentinel } from "redis";
import { load } from "../support/package.mjs";
import { failure } from "../support/suite.mjs";
import { KINDS, redisStore } from "./support/clients.mjs";
import { serve } from "./support/redis.mjs";
import { later } from "./support/scratch.mjs";

const { isAuthError, AuthError } = await load();
const server = await serve();
let names = 0;
/** A key that no other test has. */
const fresh = () => `propusk:test:${++names}`;

for (const kind of KINDS) {
  test(`${kind.name}: what was set is there for other stores, and after deleting is gone`, async () => {
    const [one, two] = [redisStore(await kind.connect(server)), redisStore(await kind.connect(server))];
    const key = fresh();
    assert.equal(await one.get(key), null);
    assert.equal(await one.delete(key), undefined);
    assert.equal(await one.set(key, "a"), undefined);
    await two.set(key, "b");
    await one.set(key, "a");
    assert.equal(await two.get(key), "a");
    assert.equal(await server.command("GET", key), "a");
    await two.delete(key);
    assert.equal(await one.get(key), null);
    assert.equal(await server.command("GET", key), null);
    await one.set(key, "c");
    assert.equal(await two.get(key), "c");
    assert.equal(await server.command("PTTL", key), -1);
  });

  test(`${kind.name}: any text is a value and a key`, async () => {
    const store = redisStore(await kind.connect(server), { prefix: "odd:" });
    const keys = ["", " ", "a b", "{a}", "a{b", "a}b", "{}", "ключ", "a\r\nb", "__proto__", "x".repeat(5000)];
    const value = (/** @type {string} */ key) => `{"text":"😀\0\r\n${key}"}`;
    for (const key of keys) await store.set(key, value(key));
    for (const key of keys) assert.equal(await store.get(key), value(key), key);
    await store.set("empty", "");
    assert.equal(await store.get("empty"), "");
    await store.set("long", "x".repeat(1_000_000));
    assert.equal((await store.get("long"))?.length, 1_000_000);
  });

  test(`${kind.name}: everything in Redis is below the prefix, which keeps stores apart`, async () => {
    const client = await kind.connect(server);
    const [one, two] = [redisStore(client, { prefix: "one:" }), redisStore(client, { prefix: "two:" })];
    const before = new Set(await server.command("KEYS", "*"));
    await one.set("key", "1");
    await one.withLock("key", async () => {
      assert.equal(await two.get("key"), null);
      await two.withLock("key", async () => two.set("key", "2"));
      const added = (await server.command("KEYS", "*")).filter((/** @type {string} */ key) => !before.has(key));
      for (const key of added) assert.match(key, /^(one|two):/);
    });
    assert.equal(await one.get("key"), "1");
    await one.delete("key");
    assert.equal(await two.get("key"), "2");
    await two.delete("key");
  });

  test(`${kind.name}: the last of several writes counts, and nothing is lost between two that write at once`, async () => {
    const stores = await Promise.all([1, 2, 3].map(async () => redisStore(await kind.connect(server))));
    const key = fresh();
    await Promise.all(stores.map((store, n) => store.set(key, String(n))));
    const found = new Set(await Promise.all(stores.map((store) => store.get(key))));
    assert.equal(found.size, 1);
    for (const n of [5, 6, 7]) await stores[n - 5].set(key, String(n));
    assert.equal(await stores[0].get(key), "7");
    const writes = ["a", "b", "c"].map((text) => stores[0].set(key, text));
    await Promise.all(writes);
    assert.equal(await stores[1].get(key), "c");
  });

  test(`${kind.name}: a value is put in the place of another in one step, as clients do without saying so`, async () => {
    const store = /** @type {any} */ (redisStore(await kind.connect(server)));
    const swap = store[Symbol.for("propusk.swap")].bind(store);
    const key = fresh();
    assert.equal(await swap(key, "a", "b"), false);
    const first = await Promise.all(["a", "b", "c"].map((value) => swap(key, null, value)));
    assert.deepEqual(first.filter(Boolean).length, 1);
    const value = await store.get(key);
    assert.equal(await swap(key, null, "-"), false);
    assert.equal(await swap(key, "-", "d"), false);
    assert.equal(await swap(key, value, "-"), true);
    assert.equal(await store.get(key), "-");
    assert.equal(await swap(key, "x", null), false);
    assert.equal(await swap(key, "-", null), true);
    assert.equal(await swap(key, "-", null), false);
    assert.equal(await store.get(key), null);
    assert.equal(await swap(key, null, null), true);
  });

  test(`${kind.name}: what no store can hold is refused before anything is sent`, async () => {
    const store = /** @type {any} */ (redisStore(kind.make({ host: "127.0.0.1", port: 1 }), { timeout: 60_000 }));
    for (const [call, named] of /** @type {[() => unknown, string][]} */ ([
      [() => store.get(1), "key"],
      [() => store.set(undefined, "x"), "key"],
      [() => store.set("key", null), "value"],
      [() => store.set("key", "\uD800"), "value"],
      [() => store.delete("\uDC00"), "key"],
      [() => store.withLock("key", "task"), "task"],
      [async () => store.watch("key"), "listener"],
    ])) {
      const error = await failure(Promise.resolve(call()));
      assert.ok(isAuthError(error, "invalid_input"), String(error));
      assert.match(error.message, new RegExp(`^\`${named}\` must be `));
    }
  });
}

test("ioredis with a keyPrefix: it goes before everything, and a client without it finds the same under the whole name", async () => {
  const client = new Redis5(server.port, server.host, { keyPrefix: "app:" });
  later(() => client.disconnect());
  const [one, two] = [redisStore(client), redisStore(await KINDS[2].connect(server), { prefix: "app:" })];
  const told = new Promise((resolve) => later(two.watch("shared", () => resolve(undefined))));
  await one.set("shared", "value");
  await told;
  assert.equal(await server.command("GET", "app:shared"), "value");
  assert.equal(await two.get("shared"), "value");
  await one.withLock("shared", async () => assert.equal(await server.command("EXISTS", "app:propusk:{app:shared}:lock"), 1));
  await two.delete("shared");
  assert.equal(await one.get("shared"), null);
});

test("ioredis that connects with its first command is connected by the store's", async () => {
  const client = new Redis5(server.port, server.host, { lazyConnect: true });
  later(() => client.disconnect());
  assert.equal(await redisStore(client).get(fresh()), null);
});

test("ioredis as a client of a cluster: value and record lie in one slot, and changes are told", async () => {
  const node = await serve("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1");
  await node.command("CLUSTER", "ADDSLOTS", ...Array.from({ length: 16384 }, (_, slot) => String(slot)));
  while (!(await node.command("CLUSTER", "INFO")).includes("cluster_state:ok")) await new Promise(setImmediate);
  for (const keyPrefix of ["", "app:"]) {
    const client = new Cluster([{ host: node.host, port: node.port }], { keyPrefix });
    client.on("error", () => {});
    later(() => client.disconnect());
    const store = redisStore(client);
    for (const key of ["propusk:bifit-kassa::0123456789abcdef", "{tag}:key", "a{b}c{d}"]) {
      let calls = 0;
      const told = new Promise((resolve) => later(store.watch(key, () => resolve(++calls))));
      await store.set(key, "value");
      await told;
      assert.equal(await store.get(key), "value");
      assert.equal(await store.withLock(key, async () => "done"), "done");
      await store.delete(key);
      assert.equal(await store.get(key), null);
    }
  }
});

for (const [what, client] of /** @type {[string, () => unknown][]} */ ([
  ["nothing", () => undefined],
  ["null", () => null],
  ["an address", () => server.url],
  ["options of a client", () => ({ host: "127.0.0.1", port: 6379 })],
  ["a function", () => () => {}],
  ["a pool", () => createClientPool()],
  ["a sentinel of node-redis", () => createSentinel({ name: "main", sentinelRootNodes: [{ host: "127.0.0.1", port: 1 }] })],
])) {
  test(`instead of a client ${what}: invalid_config that says what is needed`, () => {
    assert.throws(() => redisStore(/** @type {any} */ (client())), (/** @type {any} */ error) => {
      assert.ok(error instanceof AuthError);
      assert.equal(error.code, "invalid_config");
      assert.match(`${error.message} ${error.hint}`, /`redis`.*`ioredis`/);
      return true;
    });
  });
}

for (const [options, named] of /** @type {[any, string][]} */ ([
  [null, "options"],
  ["app:", "options"],
  [[], "options"],
  [{ ttl: 5 }, "ttl"],
  [{ prefix: 5 }, "prefix"],
  [{ prefix: null }, "prefix"],
  ...[0, -1, 1.5, NaN, Infinity, 2 ** 31, "1000", null].flatMap((value) => [[{ lockTtl: value }, "lockTtl"], [{ timeout: value }, "timeout"]]),
])) {
  test(`the options ${JSON.stringify(options)} are invalid_config that names ${named}`, () => {
    const client = KINDS[0].make(server);
    assert.throws(() => redisStore(client, options), (/** @type {any} */ error) => {
      assert.equal(error.code, "invalid_config");
      assert.match(error.message, new RegExp(`\\b${named}\\b`));
      return true;
    });
  });
}

test("options may be left out, or undefined", async () => {
  const client = await KINDS[2].connect(server);
  for (const options of [undefined, {}, { prefix: undefined, lockTtl: undefined, timeout: undefined }]) {
    assert.equal(await redisStore(client, options).get(fresh()), null);
  }
});
