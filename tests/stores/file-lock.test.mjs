/** The lock of the store in files: one at a time, in one process and in many, and nobody waits for the dead. */
import assert from "node:assert/strict";
import { linkSync, readdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { load } from "../support/package.mjs";
import { failure } from "../support/suite.mjs";
import { holder } from "./support/holder.mjs";
import { fileStore, later, run, scratch, until } from "./support/scratch.mjs";

const { isAuthError } = await load();
const linux = { skip: process.platform !== "linux" && "the start of a process is not told here" };
const is = (/** @type {string} */ wanted) => (/** @type {{ what: string }} */ { what }) => what === wanted;

/** The one file of a lock. @param {string} directory */
const lockIn = (directory) => join(directory, readdirSync(directory).find((name) => name.endsWith(".lock")) ?? assert.fail("no lock"));

test("what the task gives or throws comes back, and the lock is free again", async () => {
  const directory = scratch();
  const store = fileStore({ directory });
  const result = { some: "thing" };
  assert.equal(await store.withLock("key", async () => result), result);
  const reason = new Error("no");
  assert.equal(await failure(store.withLock("key", async () => Promise.reject(reason))), reason);
  assert.equal(await failure(store.withLock("key", () => { throw reason; })), reason);
  assert.equal(await store.withLock("key", async () => "free"), "free");
  assert.deepEqual(readdirSync(directory), []);
});

test("in one process, of one store and of two on one folder, one at a time", async () => {
  const directory = scratch();
  const stores = [fileStore({ directory }), fileStore({ directory })];
  let holders = 0;
  let most = 0;
  let runs = 0;
  await Promise.all(
    Array.from({ length: 10 }, (_, n) =>
      stores[n % 2].withLock("key", async () => {
        most = Math.max(most, ++holders);
        await new Promise((resolve) => setTimeout(resolve, 2));
        holders -= 1;
        runs += 1;
      }),
    ),
  );
  assert.deepEqual([most, runs], [1, 10]);
});

test("another key has another lock", async () => {
  const store = fileStore({ directory: scratch(), lockTimeout: 0 });
  await store.withLock("key", () => store.withLock("Key", () => store.withLock("other", async () => {})));
});

test("a wait that takes too long ends, says who holds the lock, and may be tried again", async () => {
  const directory = scratch();
  const other = await holder(directory);
  other.tell({ does: "hold", key: "key" });
  await other.says(is("in"));
  for (const lockTimeout of [0, 100]) {
    const error = await failure(fileStore({ directory, lockTimeout }).withLock("key", async () => assert.fail("it ran")));
    assert.ok(isAuthError(error, "storage"), String(error));
    assert.equal(error.retryable, true);
    assert.match(error.message, new RegExp(`\\.lock was not given within ${lockTimeout} ms: process ${other.child.pid} holds it$`));
    assert.ok(error.hint);
  }
});

test("a wait that is aborted ends with the signal's reason, whenever that is", async () => {
  const directory = scratch();
  const store = fileStore({ directory });
  const reason = new Error("enough");
  const ran = async () => assert.fail("it ran");
  assert.equal(await failure(store.withLock("key", ran, { signal: AbortSignal.abort(reason) })), reason);
  await store.withLock("key", async () => {
    const controller = new AbortController();
    const wait = failure(store.withLock("key", ran, { signal: controller.signal }));
    setTimeout(() => controller.abort(reason), 50);
    assert.equal(await wait, reason);
    const early = new AbortController();
    const begun = failure(store.withLock("key", ran, { signal: early.signal }));
    early.abort(reason);
    assert.equal(await begun, reason);
  });
  // Aborted while it is just being given.
  for (let n = 0; n < 20; n += 1) {
    const controller = new AbortController();
    const wait = store.withLock("key", async () => "ran", { signal: controller.signal }).catch((error) => error);
    for (let step = 0; step < n; step += 1) await new Promise(setImmediate);
    controller.abort(reason);
    assert.ok([reason, "ran"].includes(await wait));
  }
  assert.deepEqual(readdirSync(directory), []);
});

test("a signal that is aborted later does not disturb the task", async () => {
  const controller = new AbortController();
  const store = fileStore({ directory: scratch() });
  const task = async () => (controller.abort(), "done");
  assert.equal(await store.withLock("key", task, { signal: controller.signal }), "done");
});

test("a lock that is given back by another process is taken without delay", async () => {
  const directory = scratch();
  const other = await holder(directory);
  other.tell({ does: "count", key: "key", pause: 300 });
  await other.says(is("in"));
  await fileStore({ directory }).withLock("key", async () => {});
  assert.ok(other.lines.some(is("out")));
});

test("a holder that was killed is passed over, also by many at once, one after the other", async () => {
  const directory = scratch();
  const victim = await holder(directory);
  const heirs = await Promise.all(Array.from({ length: 4 }, () => holder(directory)));
  for (let round = 1; round <= 3; round += 1) {
    const key = `key ${round}`;
    const dying = round === 1 ? victim : await holder(directory);
    dying.tell({ does: "hold", key });
    await dying.says(is("in"));
    for (const heir of heirs) heir.tell({ does: "count", key, pause: 5 });
    await dying.kill();
    await Promise.all(heirs.map((heir) => heir.says((line) => line.what === "done" && line.key === key)));
    assert.equal(await fileStore({ directory }).get(key), "4");
  }
  await Promise.all(heirs.map((heir) => heir.end()));
  assert.deepEqual(readdirSync(directory).filter((name) => !name.endsWith(".session")), []);
});

test("one that inherits from the dead and dies itself is passed over as well", async () => {
  const directory = scratch();
  for (let n = 0; n < 4; n += 1) {
    const dying = await holder(directory);
    dying.tell({ does: "hold", key: "key" });
    await dying.says(is("in"));
    await dying.kill();
  }
  assert.equal(readdirSync(directory).length, 4);
  await fileStore({ directory, lockTimeout: 0 }).withLock("key", async () => {});
  assert.deepEqual(readdirSync(directory), []);
});

test("a holder that is stopped is alive: its lock is not taken", { skip: process.platform === "win32" }, async () => {
  const directory = scratch();
  const other = await holder(directory);
  other.tell({ does: "hold", key: "key" });
  await other.says(is("in"));
  other.child.kill("SIGSTOP");
  const long = new Date(Date.now() - 3_600_000);
  utimesSync(lockIn(directory), long, long);
  const error = await failure(fileStore({ directory, lockTimeout: 300 }).withLock("key", async () => {}));
  assert.match(error.message, /holds it/);
});

test("another process that has got a dead holder's number is not taken for it", linux, async () => {
  const directory = scratch();
  const store = fileStore({ directory, lockTimeout: 0 });
  const living = await holder(directory);
  living.tell({ does: "hold", key: "key" });
  await living.says(is("in"));
  const lock = lockIn(directory);
  const theirs = readFileSync(lock, "utf8");
  // As if the process of this number had been started at another time.
  writeFileSync(lock, theirs.replace(/-[0-9]+-(?=[0-9a-f]{32}$)/, "-1-"), { mode: 0o600 });
  assert.equal(await store.withLock("key", async () => "held"), "held");
  // As it is, it is alive.
  writeFileSync(lock, theirs, { mode: 0o600 });
  assert.match((await failure(store.withLock("key", async () => {}))).message, new RegExp(`process ${living.child.pid} holds it`));
});

test("a holder that cannot be looked up is waited for as long as it shows signs of life, and no longer", linux, async () => {
  /** @param {(mine: string) => string} change */
  async function found(change) {
    const directory = scratch();
    const store = fileStore({ directory });
    const [lock, mine] = await store.withLock("key", async () => [lockIn(directory), readFileSync(lockIn(directory), "utf8")]);
    writeFileSync(lock, change(mine), { mode: 0o600 });
    const old = (/** @type {number} */ age) => utimesSync(lock, new Date(), new Date(Date.now() - age));
    const beats = setInterval(() => old(100_000 - Math.random() * 1000), 1000);
    later(() => clearInterval(beats));
    const error = await failure(fileStore({ directory, lockTimeout: 11_000 }).withLock("key", async () => {}));
    clearInterval(beats);
    assert.match(error.message, /a process that cannot be seen from here holds it$/);
    old(100_000);
    assert.equal(await store.withLock("key", async () => "held"), "held");
    assert.deepEqual(readdirSync(directory), []);
  }
  // Of another machine, and without its content, as a crash of the machine may leave it.
  await Promise.all([found((mine) => mine.replace(/^[0-9a-f]{16}/, "0".repeat(16))), found(() => "")]);
});

test("a holder shows signs of life", async () => {
  const directory = scratch();
  await fileStore({ directory }).withLock("key", async () => {
    utimesSync(lockIn(directory), 0, 0);
    await until(() => Date.now() - statSync(lockIn(directory)).mtimeMs < 5_000);
  });
});

test("what a holder that died at the wrong moment left behind is swept away by a later one", async () => {
  const directory = scratch();
  const dying = await holder(directory);
  dying.tell({ does: "hold", key: "key" });
  await dying.says(is("in"));
  await dying.kill();
  const lock = lockIn(directory);
  const content = readFileSync(lock, "utf8");
  // In the middle of giving back: the first file is gone, those after it are not.
  const digest = lock.slice(-".lock".length - 64).slice(0, 32);
  const left = join(directory, `${digest}.${"0".repeat(32)}.next`);
  renameSync(lock, left);
  // In the middle of taking: its claim is there under both names.
  linkSync(left, join(directory, `${digest}.${content}.claim`));
  writeFileSync(join(directory, "mine.next"), "");
  await fileStore({ directory }).withLock("key", async () => {});
  assert.deepEqual(readdirSync(directory), ["mine.next"]);
});

test("a process that ends while it holds the lock, or waits for it, leaves it free", async () => {
  const directory = scratch();
  const source = `
    import { fileStore } from "propusk/node";
    const store = fileStore({ directory: process.argv[2] });
    await store.withLock("key", async () => {
      store.withLock("key", async () => {});
      process.exit(0);
    });`;
  await run(source, { args: [directory] });
  await fileStore({ directory, lockTimeout: 0 }).withLock("key", async () => {});
  assert.deepEqual(readdirSync(directory), []);
});
