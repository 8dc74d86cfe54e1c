/** Changes in Redis are told to all who watch: in this process and in others, after an outage too. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Redis } from "ioredis";
import { leaked, plantToken } from "../support/secrets.mjs";
import { CURRENT, KINDS, redisStore } from "./support/clients.mjs";
import { holder } from "./support/keeper.mjs";
import { serve } from "./support/redis.mjs";
import { later, run, until } from "./support/scratch.mjs";

const server = await serve();
let names = 0;
/** A key that no other test has. */
const fresh = () => `propusk:watch:${++names}`;
/** How many connections wait for messages. */
const ears = async () => (await server.command("CLIENT", "LIST", "TYPE", "pubsub")).split("\n").filter(Boolean).length;
/** How many of them wait for those of a key. */
const heard = async (/** @type {string} */ key) => Number((await server.command("PUBSUB", "NUMSUB", `propusk:{${key}}:changed`))[1]);

/** Counts how often a listener is called. @param {Required<import("propusk").TokenStore>} store @param {string} key */
function count(store, key) {
  const counted = { calls: 0, stop: store.watch(key, () => void (counted.calls += 1)) };
  later(counted.stop);
  return counted;
}

for (const kind of KINDS) {
  const store = async () => redisStore(await kind.connect(server));

  test(`${kind.name}: changes are told to other stores and to this one, as long as they watch, each for its key`, async () => {
    const [one, two] = [await store(), await store()];
    const [key, other] = [fresh(), fresh()];
    const [mine, theirs, strangers, second] = [count(one, key), count(two, key), count(two, other), count(two, key)];
    await until(async () => (await heard(key)) === 2 && (await heard(other)) === 1);
    await one.set(key, "a");
    await until(() => mine.calls === 1 && theirs.calls === 1 && second.calls === 1);
    second.stop();
    second.stop();
    await two.delete(key);
    await until(() => mine.calls === 2 && theirs.calls === 2);
    theirs.stop();
    await until(async () => (await heard(key)) === 1);
    await one.set(key, "b");
    await until(() => mine.calls === 3);
    await two.set(other, "c");
    await until(() => strangers.calls === 1);
    assert.deepEqual([mine.calls, theirs.calls, strangers.calls, second.calls], [3, 2, 1, 1]);
  });

  test(`${kind.name}: a change right after the watch began is told, and without a change nothing is`, async () => {
    const [one, two] = [await store(), await store()];
    const [key, quiet] = [fresh(), fresh()];
    await one.set(quiet, "value");
    const [changed, unchanged] = [count(two, key), count(two, quiet)];
    await one.set(key, "value");
    await until(() => changed.calls > 0);
    await until(async () => (await heard(quiet)) === 1);
    // Whatever is to be told by then has been asked for before.
    await two.get(quiet);
    assert.equal(unchanged.calls, 0);
  });

  test(`${kind.name}: other processes are told, and tell`, async () => {
    const key = fresh();
    const mine = await store();
    const other = await holder(kind, server);
    other.tell({ does: "watch", key });
    await until(async () => (await heard(key)) === 1);
    await mine.set(key, "from here");
    await other.says(({ what, value }) => what === "told" && value === "from here");
    const counted = count(mine, key);
    await until(async () => (await heard(key)) === 2);
    other.tell({ does: "set", key, value: "from there" });
    await until(() => counted.calls > 0);
    assert.equal(await mine.get(key), "from there");
    await other.end();
  });

  test(`${kind.name}: all watches of a store share one connection, which is closed with the last of them`, async () => {
    await until(async () => (await ears()) === 0);
    const one = await store();
    const counted = [fresh(), fresh(), fresh()].map((key) => count(one, key));
    await until(async () => (await ears()) === 1);
    counted[0].stop();
    counted[1].stop();
    assert.equal(await ears(), 1);
    counted[2].stop();
    await until(async () => (await ears()) === 0);
    const again = count(one, fresh());
    await until(async () => (await ears()) === 1);
    again.stop();
    await until(async () => (await ears()) === 0);
  });

  test(`${kind.name}: after an outage all who watch are called, and hear of changes again`, async () => {
    const [one, two] = [await store(), await store()];
    const [key, other] = [fresh(), fresh()];
    const [first, second] = [count(one, key), count(one, other)];
    await until(async () => (await heard(key)) === 1 && (await heard(other)) === 1);
    await server.stop("SIGKILL");
    await server.start();
    await until(() => first.calls === 1 && second.calls === 1);
    await until(async () => (await heard(key)) === 1);
    await two.set(key, "value");
    await until(() => first.calls === 2);
    assert.equal(second.calls, 1);
  });

  test(`${kind.name}: a watch that began while Redis was away hears of changes when it is back`, async () => {
    const [one, two] = [await store(), await store()];
    await server.stop();
    const key = fresh();
    const counted = count(one, key);
    await server.start();
    await two.set(key, "value");
    await until(() => counted.calls > 0);
    const { calls } = counted;
    await until(async () => (await heard(key)) === 1);
    await two.delete(key);
    await until(() => counted.calls > calls);
  });

  test(`${kind.name}: with a client that does not come back by itself, changes are told again once it is connected anew`, async () => {
    const client = kind.brittle(server);
    await client.connect();
    const key = fresh();
    const counted = count(redisStore(client), key);
    await until(async () => (await heard(key)) === 1);
    await server.stop("SIGKILL");
    await until(() => (client.status ? client.status === "end" : !client.isOpen));
    await server.start();
    await client.connect();
    await until(async () => (await heard(key)) === 1);
    const { calls } = counted;
    await (await store()).set(key, "value");
    await until(() => counted.calls > calls);
  });

  for (const [what, source] of [
    ["when it closes its connection, though it still watches", "await store.set('key', 'value'); store.watch('key', () => {}); await store.get('key'); quit();"],
    ["when it has heard of a change and closes its connection", "const told = new Promise((resolve) => store.watch('other', resolve)); await store.set('other', 'value'); await told; quit();"],
    ["when it stops watching and closes its connection", "const stop = store.watch('key', () => {}); await store.get('key'); stop(); quit();"],
    ["when it closes its connection under a lock", "await store.withLock('left', async () => quit());"],
    ["when its wait for a lock is aborted", "const other = new AbortController(); await store.withLock('key', async () => { setTimeout(() => other.abort(), 50); await store.withLock('key', async () => {}, other).catch(() => {}); }); quit();"],
  ]) {
    test(`${kind.name}: a program ends by itself ${what}`, async () => {
      const head = `${kind.source(server.url)}\nconst { redisStore } = await import("propusk/redis");\nconst store = redisStore(redis, { prefix: ${JSON.stringify(`${kind.name}:`)}, timeout: 1_000 });`;
      assert.equal(await run(`${head}\n${source}`), "");
    });
  }
}

for (const kind of CURRENT) {
  test(`${kind.name}: what is told holds no secret`, async () => {
    const spy = new Redis(server.port, server.host, { protocol: 2 });
    later(() => spy.disconnect());
    /** @type {string[]} */
    const messages = [];
    spy.on("pmessage", (_, channel, message) => messages.push(channel, message));
    await spy.psubscribe("*");
    const store = redisStore(await kind.connect(server));
    const key = fresh();
    await store.set(key, plantToken("session"));
    await store.delete(key);
    await until(() => messages.length === 4);
    assert.deepEqual(messages, [`propusk:{${key}}:changed`, "", `propusk:{${key}}:changed`, ""]);
    assert.deepEqual(leaked(messages.join()), []);
  });

  test(`${kind.name}: a listener that throws keeps nobody else from being told`, async () => {
    const source = `${kind.source(server.url)}
      const { redisStore } = await import("propusk/redis");
      const store = redisStore(redis, { prefix: "throws:" });
      const thrown = new Promise((resolve) => process.once("uncaughtException", (error) => resolve(error.message)));
      store.watch("key", () => { throw new Error("its own"); });
      const told = new Promise((resolve) => store.watch("key", () => resolve("told")));
      await store.set("key", "value");
      console.log(await told, await thrown);
      quit();`;
    // The connection that told of it may tell a second time.
    assert.equal(await run(source.replace("process.once", "process.on")), "told its own");
  });
}
