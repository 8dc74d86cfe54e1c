/** A Redis Cluster of three servers, by all clients: whatever the key, what belongs together lies together. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadRedis } from "../support/package.mjs";
import { ACCOUNTS } from "../support/sandbox.mjs";
import { suite } from "../support/suite.mjs";
import { redisStore } from "./support/clients.mjs";
import { CLUSTERS, serveCluster } from "./support/cluster.mjs";
import { later, until } from "./support/scratch.mjs";

const KASSA = "bifit-kassa";
const { listSessions, removeSession } = await loadRedis();
const { create } = await suite();
const servers = await serveCluster();

const KEYS = ["propusk:bifit-kassa:default:0123456789abcdef", "", "k", "{tag}:key", "a{b}c{d}", "a}b", "a{b", "{}x", "{}", "}{", "{a{b}c}", "propusk:{k}:lock", "propusk:{k}:record", "a%7Db", "ключ}"];

for (const cluster of CLUSTERS) {
  test(`${cluster.name}: any key can be written, locked, watched and deleted, and no two meet`, async () => {
    const client = await cluster.connect(servers);
    for (const prefix of ["", "app:", "{app}:", "a{b"]) {
      const store = redisStore(client, { prefix });
      const swap = /** @type {any} */ (store)[Symbol.for("propusk.swap")];
      const all = KEYS.map((key) => `${cluster.name}${key}`).concat(KEYS);
      for (const key of all) await store.set(key, `of ${key}`);
      for (const key of all) assert.equal(await store.get(key), `of ${key}`, `${prefix} ${key}`);
      await store.withLock("k", async () => {
        await Promise.all(all.filter((key) => key !== "k").map((key) => store.withLock(key, async () => assert.equal(await store.get(key), `of ${key}`))));
      });
      for (const key of all) {
        assert.equal(await swap.call(store, key, `of ${key}`, "changed"), true);
        assert.equal(await store.get(key), "changed");
        await store.delete(key);
      }
      for (const key of all) assert.equal(await store.get(key), null);
    }
  });

  test(`${cluster.name}: changes are told, and two stores share a lock`, async () => {
    const [one, two] = [redisStore(await cluster.connect(servers)), redisStore(await cluster.connect(servers))];
    let calls = 0;
    later(two.watch("shared", () => (calls += 1)));
    await until(async () => {
      await one.set("shared", "value");
      return calls > 0;
    });
    let [holders, most] = [0, 0];
    const count = async () => {
      most = Math.max(most, ++holders);
      const before = Number(await one.get("count"));
      await one.set("count", String(before + 1));
      holders -= 1;
    };
    await Promise.all(Array.from({ length: 8 }, (_, n) => [one, two][n % 2].withLock("count", count)));
    assert.deepEqual([most, await two.get("count")], [1, "8"]);
    await one.delete("count");
  });

  if (cluster.name.endsWith(" 6")) {
    test(`${cluster.name}: what changes while the connection for changes is lost, without a word of it, is told all the same`, async () => {
      const [one, two] = [redisStore(await cluster.connect(servers)), redisStore(await cluster.connect(servers))];
      let calls = 0;
      later(two.watch("lost", () => (calls += 1)));
      for (const value of ["first", "second", "third"]) {
        const before = calls;
        for (const server of servers) await server.command("CLIENT", "KILL", "TYPE", "pubsub");
        await one.set("lost", value);
        await until(() => calls > before);
      }
      await one.delete("lost");
    });
  }

  test(`${cluster.name}: the sessions of all servers are listed without a secret, and removed`, async () => {
    const client = await cluster.connect(servers);
    const prefix = `list*[${CLUSTERS.indexOf(cluster)}]:`;
    const storage = redisStore(client, { prefix });
    const accounts = Array.from({ length: 6 }, (_, n) => `account ${n}`);
    const clients = [];
    for (const account of accounts) {
      const each = await create(KASSA, { storage, account });
      await each.login(ACCOUNTS[KASSA]);
      clients.push(each);
    }
    await storage.set("propusk:no:session:1", "{}");
    const listed = await listSessions(client, { prefix });
    assert.deepEqual(listed.map(({ account }) => account).sort(), accounts);
    for (const each of clients) assert.ok(!JSON.stringify(listed).includes(await each.getAccessToken()));
    const [first] = listed.filter(({ account }) => account === accounts[0]);
    assert.equal(first.expiresAt, clients[0].session?.expiresAt);
    assert.equal(await removeSession(client, first, { prefix }), true);
    assert.equal(await removeSession(client, first, { prefix }), false);
    await until(() => clients[0].session === null);
    assert.equal((await listSessions(client, { prefix })).length, 5);
    assert.deepEqual(await listSessions(client, { prefix: "none:" }), []);
    for (const each of clients) await each.logout();
  });
}
