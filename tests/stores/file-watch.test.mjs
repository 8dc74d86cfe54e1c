/** Changes of a file are told to everybody who shares the folder. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { changes, suite } from "../support/suite.mjs";
import { holder } from "./support/holder.mjs";
import { fileStore, helper, later, run, scratch, until } from "./support/scratch.mjs";

const KASSA = "bifit-kassa";
const { box, create } = await suite();

/** Counts what a store tells. @param {string} directory @param {string} key */
function told(directory, key) {
  const state = { times: 0, stop: () => {} };
  state.stop = fileStore({ directory }).watch(key, () => void (state.times += 1));
  later(state.stop);
  return state;
}

test("another process's changes are told, each of them, and not those of other keys", async () => {
  const directory = scratch();
  const other = await holder(directory);
  const [mine, theirs] = [told(directory, "key"), told(directory, "Key")];
  for (const order of [
    { does: "set", key: "key", value: "one" },
    { does: "set", key: "key", value: "two" },
    { does: "delete", key: "key" },
    { does: "set", key: "key", value: "three" },
  ]) {
    const before = mine.times;
    other.tell(order);
    await until(() => mine.times > before);
    // The changes of one writing come together; the next one must not be among them.
    await other.says((line) => line.what === "done" && line.order === order.does);
    await quiet(mine);
  }
  assert.equal(await fileStore({ directory }).get("key"), "three");
  assert.ok(mine.times <= 6, `told ${mine.times} times of four changes`);
  assert.equal(theirs.times, 0);
});

/** Waits until nothing more is told. @param {{ times: number }} state */
async function quiet(state) {
  let before;
  do {
    before = state.times;
    await new Promise((resolve) => setTimeout(resolve, 100));
  } while (state.times !== before);
}

test("a folder that is not there yet is made, and watched", async () => {
  const directory = join(scratch(), "not", "yet");
  const mine = told(directory, "key");
  assert.ok(existsSync(directory));
  await fileStore({ directory }).set("key", "value");
  await until(() => mine.times > 0);
});

test("after it is stopped nothing is told, however often it is stopped", async () => {
  const directory = scratch();
  const [stopped, going] = [told(directory, "key"), told(directory, "key")];
  const store = fileStore({ directory });
  await store.set("key", "value");
  stopped.stop();
  stopped.stop();
  const before = stopped.times;
  await until(() => going.times > 0);
  await quiet(going);
  assert.equal(stopped.times, before);
});

test("a folder that was removed and made again is still watched", async () => {
  const directory = join(scratch(), "inner");
  const store = fileStore({ directory });
  await store.set("key", "value");
  const mine = told(directory, "key");
  rmSync(directory, { recursive: true });
  await until(() => mine.times > 0);
  await quiet(mine);
  const before = mine.times;
  await store.set("key", "another");
  await until(() => mine.times > before);
});

test("where the system tells of no changes, they are looked for", async () => {
  const directory = scratch();
  const source = `
    import fs from "node:fs";
    import { syncBuiltinESMExports } from "node:module";
    fs.watch = () => { throw Object.assign(new Error("no"), { code: "ENOSPC" }); };
    syncBuiltinESMExports();
    const { fileStore } = await import("propusk/node");
    const store = fileStore({ directory: process.argv[2] });
    const keep = setInterval(() => {}, 1000);
    let times = 0;
    const stop = store.watch("key", async () => {
      console.log(JSON.stringify({ what: "told", value: await store.get("key") }));
      if (++times === 2) stop(), clearInterval(keep);
    });
    // A wait does without, too.
    await Promise.all([1, 2, 3].map(() => store.withLock("key", async () => {})));
    console.log(JSON.stringify({ what: "ready" }));`;
  const other = helper(source, directory);
  await other.says(({ what }) => what === "ready");
  for (const value of ["one", "two"]) {
    await fileStore({ directory }).set("key", value);
    await other.says((line) => line.value === value);
  }
  await other.end();
});

const SCRIPT = `
  import { AuthClient } from "propusk";
  import { fileStore } from "propusk/node";
  const [directory, options, account, goods] = process.argv.slice(2);
  const storage = fileStore({ directory });`;
const args = (/** @type {string} */ directory) => [directory, JSON.stringify({ provider: KASSA, baseUrl: box.services[KASSA].baseUrl }), JSON.stringify(ACCOUNTS[KASSA]), GOODS[KASSA]];

test("a login, a renewal and a logout in another process are seen by a client here", async () => {
  const directory = scratch();
  const client = await create(KASSA, { storage: fileStore({ directory }) });
  const reasons = changes(client);
  const source = `${SCRIPT}
    const client = await AuthClient.create({ ...JSON.parse(options), storage });
    process.stdin.on("data", async (order) => {
      const call = JSON.parse(String(order)).call;
      await client[call](call === "login" ? JSON.parse(account) : undefined);
      console.log(JSON.stringify({ call, session: client.session }));
    });
    console.log(JSON.stringify({ call: "create" }));`;
  const other = helper(source, ...args(directory));
  await other.says(({ call }) => call === "create");
  for (const [n, call] of ["login", "refresh", "logout"].entries()) {
    other.tell({ call });
    const { session } = await other.says((line) => line.call === call);
    await until(() => reasons.length === n + 1);
    assert.deepEqual(client.session, session);
  }
  assert.deepEqual(reasons, ["sync", "sync", "sync"]);
});

test("a store that a caller has made around it, to encrypt what is kept, is not gone around", async () => {
  const directory = scratch();
  const inner = fileStore({ directory });
  const turned = (/** @type {string} */ text) => [...text].reverse().join("");
  const around = {
    ...inner,
    get: async (/** @type {string} */ key) => turned((await inner.get(key)) ?? "") || null,
    set: (/** @type {string} */ key, /** @type {string} */ value) => inner.set(key, turned(value)),
  };
  for (const storage of [around, Object.assign(Object.create(inner), { get: around.get, set: around.set })]) {
    const client = await create(KASSA, { storage });
    await client.login(ACCOUNTS[KASSA]);
    await client.refresh();
    const [file] = readdirSync(directory).filter((name) => name.endsWith(".session"));
    const kept = readFileSync(join(directory, file), "utf8");
    assert.ok(kept.startsWith("}") && !kept.includes("access"), "it is kept as it came");
    assert.deepEqual((await create(KASSA, { storage })).session, client.session);
    await client.logout();
  }
});

test("a session is there in the next run of a script, which signs in once", async () => {
  const directory = scratch();
  const source = `${SCRIPT}
    const client = await AuthClient.create({ ...JSON.parse(options), storage });
    if (!client.session) await client.login(JSON.parse(account));
    console.log((await client.fetch(goods)).status, client.session.subject);`;
  for (let n = 0; n < 3; n += 1) assert.equal(await run(source, { args: args(directory) }), "200 120041");
  assert.equal((await box.counts(KASSA)).login, 1);
});

for (const [what, rest] of [
  ["after every use of the store", "await storage.set('key', 'value'); await storage.withLock('key', () => storage.get('key')); await storage.delete('key');"],
  ["while it watches", "storage.watch('key', () => {}); await storage.set('key', 'value');"],
  ["with a client that is not closed", "const client = await AuthClient.create({ ...JSON.parse(options), storage }); await client.login(JSON.parse(account)); await client.refresh();"],
  ["with a client that renews by itself", "const client = await AuthClient.create({ ...JSON.parse(options), storage, autoRefresh: true }); await client.login(JSON.parse(account)); await (await client.fetch(goods)).text();"],
  ["with a client that is closed while it waits for the lock", "await storage.withLock('other', async () => {}); const client = await AuthClient.create({ ...JSON.parse(options), storage }); await client.login(JSON.parse(account)); const { readdirSync } = await import('node:fs'); const key = []; const spy = { ...storage, withLock: (name, task, more) => (key.push(name), storage.withLock(name, task, more)) }; const spied = await AuthClient.create({ ...JSON.parse(options), storage: spy }); await spied.refresh(); await storage.withLock(key[0], async () => { const wait = client.refresh().catch(() => {}); setTimeout(() => client.close(), 100); await wait; });"],
  ["with a task that never ends", "const keep = setTimeout(() => {}, 200); storage.withLock('key', () => new Promise(() => {}));"],
]) {
  test(`a script ends by itself ${what}`, async () => {
    assert.equal(await run(`${SCRIPT}\n${rest}`, { args: args(scratch()) }), "");
  });
}
