/** What a user of Redis may do, and what is left with the caller's client. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load, loadRedis } from "../support/package.mjs";
import { ACCOUNTS } from "../support/sandbox.mjs";
import { failure, spies, suite } from "../support/suite.mjs";
import { CURRENT, KINDS, redisStore } from "./support/clients.mjs";
import { serve } from "./support/redis.mjs";
import { later, run, until } from "./support/scratch.mjs";

const KASSA = "bifit-kassa";
const { isAuthError } = await load();
const { listSessions, removeSession } = await loadRedis();
const { create } = await suite();
const server = await serve();
const swap = Symbol.for("propusk.swap");
let users = 0;

/** A user with rights of its own. @param {...string} rights as the documentation gives them */
async function user(...rights) {
  const name = `user${++users}`;
  await server.command("ACL", "SETUSER", name, "on", ">secret", ...rights);
  return { name, url: `redis://${name}:secret@127.0.0.1:${server.port}` };
}

/** A client of that user, as each kind of client takes it. @param {import("./support/clients.mjs").Kind} kind @param {{ name: string }} user */
async function connectAs(kind, { name }) {
  const client = await kind.connect(server);
  // For the connection that it makes to hear of changes.
  Object.assign(client.options, { username: name, password: "secret" });
  await (typeof client.call === "function" ? client.call("AUTH", name, "secret") : client.sendCommand(["AUTH", name, "secret"]));
  return client;
}

const ENOUGH = ["+eval", "+get", "+set", "+del", "+pexpire", "+time", "+scan", "+publish", "+subscribe", "+unsubscribe", "~propusk:*", "&propusk:*"];
// What clients themselves say when they connect.
const CONNECT = ["+auth", "+hello", "+client", "+info", "+ping", "+select"];

for (const kind of KINDS) {
  test(`${kind.name}: the rights that the documentation names are enough`, async () => {
    const client = await connectAs(kind, await user(...ENOUGH, ...CONNECT));
    const storage = redisStore(client);
    const [one, two] = [await create(KASSA, { storage, ...spies().hooks }), await create(KASSA, { storage: redisStore(client) })];
    await one.login(ACCOUNTS[KASSA]);
    await until(() => two.session !== null);
    await two.refresh();
    const [session] = await listSessions(client);
    assert.equal(session.provider, KASSA);
    assert.equal(await removeSession(client, session), true);
    await until(() => one.session === null);
    // And no more is used than those, under other names.
    const error = await failure(Promise.resolve(redisStore(client, { prefix: "other:" }).set("key", "value")));
    assert.ok(isAuthError(error, "storage"));
    assert.match(error.hint ?? "", /\+eval.*\+publish/);
  });

  test(`${kind.name}: without the right to publish everything is written, and a warning of the process says that nobody is told`, async () => {
    const { url } = await user("resetchannels", "~propusk:*", "+@all");
    const source = `${kind.source(url)}
      const { redisStore, listSessions } = await import("propusk/redis");
      const warnings = [];
      process.removeAllListeners("warning");
      process.on("warning", ({ name, message }) => warnings.push([name, message]));
      const stores = [redisStore(redis), redisStore(redis)];
      const told = [];
      for (const store of stores) {
        store.watch("propusk:k", () => {});
        await store.set("propusk:k", "a");
        told.push(await store[Symbol.for("propusk.swap")]("propusk:k", "a", "b"), await store.get("propusk:k"));
        await store.delete("propusk:k");
        told.push(await store.get("propusk:k"), await store.withLock("propusk:k", async () => "held"));
      }
      await new Promise(setImmediate);
      console.log(JSON.stringify({ told, warnings }));
      quit();
      process.exit();`;
    const { told, warnings } = JSON.parse(await run(source));
    assert.deepEqual(told, [true, "b", null, "held", true, "b", null, "held"]);
    assert.equal(warnings.length, 1);
    assert.equal(warnings[0][0], "PropuskWarning");
    assert.match(warnings[0][1], /&propusk:\*/);
  });

  test(`${kind.name}: twenty stores on one client leave it no listener, while they work and after`, async () => {
    const client = await kind.connect(server);
    const count = () => client.eventNames().reduce((/** @type {number} */ sum, /** @type {string} */ name) => sum + client.listenerCount(name), 0);
    const before = count();
    const stores = Array.from({ length: 20 }, () => redisStore(client));
    const stops = stores.map((store) => store.watch("propusk:many", () => {}));
    await Promise.all(stores.map((store) => store.withLock("propusk:many", async () => store.set("propusk:many", "value"))));
    assert.equal(count(), before);
    // One more connection serves them all.
    await until(async () => (await server.command("PUBSUB", "NUMSUB", "propusk:{propusk:many}:changed"))[1] === 1);
    for (const stop of stops) stop();
    assert.equal(count(), before);
    await until(async () => (await server.command("PUBSUB", "NUMSUB", "propusk:{propusk:many}:changed"))[1] === 0);
  });
}

for (const kind of CURRENT) {
  test(`${kind.name}: keys of all kinds are apart: one that is called like another's lock or record is neither`, async () => {
    const store = /** @type {any} */ (redisStore(await kind.connect(server)));
    const kinds = ["value", "record", "lock", "held", "changed"];
    const keys = ["k", ...kinds.flatMap((each) => [`k:${each}`, `propusk:{k}:${each}`, `{k}:${each}`])];
    await store.withLock("k", async () => {
      for (const key of keys) {
        await store.set(key, key);
        if (key !== "k") assert.equal(await store.withLock(key, async () => "held"), "held", key);
      }
    });
    for (const key of keys) assert.equal(await store.get(key), key);
    for (const key of keys) assert.equal(await store[swap](key, key, null), true, key);
  });

  test(`${kind.name}: options are what the object itself says, whatever a script has done to Object.prototype`, async () => {
    const client = await kind.connect(server);
    Object.assign(Object.prototype, { prefix: "wrong:", lockTtl: -1, signal: AbortSignal.abort() });
    later(() => ["prefix", "lockTtl", "signal"].forEach((name) => delete (/** @type {any} */ (Object.prototype)[name])));
    await redisStore(client, {}).withLock("propusk:own", async () => redisStore(client).set("propusk:own", "value"), {});
    assert.equal(await server.command("GET", "propusk:own"), "value");
  });
}

for (const kind of CURRENT) {
  test(`${kind.name}: sessions are listed and removed under their prefix alone, whatever signs are in it`, async () => {
    const client = await kind.connect(server);
    const record = (/** @type {string} */ account) => JSON.stringify({ v: 2, for: ["a", "http://b.test/", "", account], access: "secret", refresh: "secret", subject: "s", expires: 5 });
    const key = (/** @type {string} */ account) => `propusk:a:${account}:0123`;
    const PREFIXES = ["l*", "l?", "l[ab]", "la", "lb", "l[^a]", "l\\a", "l\\", "l\\*", "l{", "l}", "l{x}", "l%7D", "l{%7D", "ключ:", "l:", "l"];
    for (const prefix of PREFIXES) {
      const store = redisStore(client, { prefix });
      for (const account of ["one", "{", "}", "%7D"]) await store.set(key(account), record(`${prefix} ${account}`));
      await store.set("other", record("no client's key"));
    }
    for (const prefix of PREFIXES) {
      const listed = await listSessions(client, { prefix });
      const accounts = ["one", "{", "}", "%7D"].map((account) => `${prefix} ${account}`).sort();
      assert.deepEqual(listed.map(({ account }) => account).sort(), accounts, prefix);
      assert.deepEqual(listed[0], { provider: "a", account: listed[0].account, baseUrl: "http://b.test/", subject: "s", expiresAt: 5, renewable: true });
      const removals = await Promise.all([1, 2].map(() => removeSession(client, listed[0], { prefix })));
      assert.deepEqual(removals.sort(), [false, true], prefix);
      assert.equal((await listSessions(client, { prefix })).length, 3);
    }
  });
}

test("a prefix under which a cluster could keep nothing together is invalid_config", async () => {
  const client = await KINDS[0].connect(server);
  for (const prefix of ["{}", "a{}b{c}:"]) assert.throws(() => redisStore(client, { prefix }), (error) => isAuthError(error, "invalid_config"));
  assert.ok(isAuthError(await failure(listSessions(client, { prefix: "{}" })), "invalid_config"));
});

test("what is not a list of sessions is told: a wrong client, option or session", async () => {
  const client = await KINDS[0].connect(server);
  for (const call of [() => listSessions(/** @type {any} */ ({})), () => listSessions(client, /** @type {any} */ ({ timeout: 1 })), () => removeSession(/** @type {any} */ (null), { provider: "a", account: "b", baseUrl: "c" })]) {
    assert.ok(isAuthError(await failure(call()), "invalid_config"));
  }
  assert.ok(isAuthError(await failure(removeSession(client, /** @type {any} */ ({ provider: "a" }))), "invalid_input"));
});

test("other values under the names of sessions, a list for one, are left out and left alone", async () => {
  const client = await KINDS[0].connect(server);
  await server.command("LPUSH", "propusk:a:list", "x");
  await server.command("SET", "propusk:a:text", '{"v":2,"for":["a","b","c","d"]}');
  assert.deepEqual(await listSessions(client), []);
  assert.equal(await server.command("LLEN", "propusk:a:list"), 1);
});
