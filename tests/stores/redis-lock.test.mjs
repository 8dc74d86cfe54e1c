/** The lock in Redis: one holder at a time, in all processes, whatever becomes of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../support/package.mjs";
import { failure } from "../support/suite.mjs";
import { KINDS, redisStore } from "./support/clients.mjs";
import { holder } from "./support/keeper.mjs";
import { serve } from "./support/redis.mjs";
import { until } from "./support/scratch.mjs";
import { wire } from "./support/wire.mjs";

const { isAuthError } = await load();
const server = await serve("--enable-debug-command", "yes");
let names = 0;
/** A key that no other test has. */
const fresh = () => `propusk:lock:${++names}`;
const owner = (/** @type {string} */ key) => server.command("GET", `propusk:{${key}}:lock`);

/** What time it is, by Redis's clock, milliseconds. */
async function time() {
  const [seconds, micros] = await server.command("TIME");
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
}

/** When a lock ends, by the same clock; a millisecond or two earlier. @param {string} key */
async function endOf(key) {
  const now = await time();
  return now + Number(await server.command("PTTL", `propusk:{${key}}:lock`));
}

/** A task that lasts until it is told to end. */
function lasting() {
  /** @type {(value?: unknown) => void} */
  let end = () => {};
  /** @type {() => void} */
  let begun = () => {};
  const ended = new Promise((resolve) => (end = resolve));
  const began = new Promise((resolve) => (begun = () => resolve(undefined)));
  return { task: () => (begun(), ended), began, end };
}

for (const kind of KINDS) {
  /** @param {object} [options] */
  const store = async (options) => redisStore(await kind.connect(server), options);

  test(`${kind.name}: a lock gives what its task gives, and is given back also when the task fails`, async () => {
    const one = await store();
    const key = fresh();
    assert.equal(await one.withLock(key, async () => "result"), "result");
    const problem = new Error("no");
    assert.equal(await failure(one.withLock(key, () => Promise.reject(problem))), problem);
    assert.equal(await failure(one.withLock(key, () => { throw problem; })), problem);
    assert.equal(await owner(key), null);
    assert.equal(await (await store()).withLock(key, async () => "again"), "again");
  });

  test(`${kind.name}: no two hold a lock at once, in one store or in several, and none is left out`, async () => {
    const stores = [await store(), await store(), await store()];
    const key = fresh();
    let [holders, most] = [0, 0];
    await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        stores[n % 3].withLock(key, async () => {
          most = Math.max(most, ++holders);
          const count = Number(await stores[n % 3].get(key));
          await new Promise(setImmediate);
          await stores[n % 3].set(key, String(count + 1));
          holders -= 1;
        }),
      ),
    );
    assert.equal(most, 1);
    assert.equal(await stores[0].get(key), "12");
  });

  test(`${kind.name}: locks of other keys do not wait for one another`, async () => {
    const one = await store();
    const [first, second] = [fresh(), fresh()];
    const done = await one.withLock(first, () => one.withLock(second, async () => [await owner(first), await owner(second)]));
    assert.equal(new Set(done).size, 2);
  });

  test(`${kind.name}: a lock is extended for as long as its task runs`, async () => {
    const lockTtl = 3_000;
    const one = await store({ lockTtl });
    const key = fresh();
    const { task, began, end } = lasting();
    const held = one.withLock(key, task);
    await began;
    const mine = await owner(key);
    const first = await endOf(key);
    let isIn = false;
    const next = (await store({ lockTtl })).withLock(key, async () => void (isIn = true));
    // Later than it would have ended.
    await until(async () => (await time()) > first);
    assert.equal(isIn, false);
    assert.equal(await owner(key), mine);
    assert.ok((await endOf(key)) > first);
    end();
    await held;
    await next;
    assert.equal(isIn, true);
  });

  test(`${kind.name}: a holder that is killed is passed over when its lock ends, and not before`, async () => {
    const lockTtl = 1_000;
    const key = fresh();
    const other = await holder(kind, server, { lockTtl });
    other.tell({ does: "hold", key });
    await other.says(({ what }) => what === "in");
    const mine = await store({ lockTtl });
    await other.kill();
    const last = await endOf(key);
    const passed = await mine.withLock(key, time);
    assert.ok(passed >= last, `it was passed over ${last - passed} ms before its lock ended`);
  });

  test(`${kind.name}: a holder that stood still too long does not give back a lock that is another's by then`, async () => {
    const key = fresh();
    const [one, two] = [await store({ lockTtl: 60_000 }), await store()];
    const { task, began, end } = lasting();
    const held = one.withLock(key, task);
    await began;
    // What the end of its time would have done.
    await server.command("DEL", `propusk:{${key}}:lock`, `propusk:{${key}}:held`);
    const second = lasting();
    const taken = two.withLock(key, second.task);
    await second.began;
    const theirs = await owner(key);
    end("result");
    assert.equal(await held, "result");
    assert.equal(await owner(key), theirs);
    second.end();
    await taken;
    assert.equal(await owner(key), null);
  });

  test(`${kind.name}: a lock that was lost and that nobody has is taken anew while the task runs`, async () => {
    const key = fresh();
    const one = await store({ lockTtl: 150 });
    const { task, began, end } = lasting();
    const held = one.withLock(key, task);
    await began;
    const mine = await owner(key);
    await server.command("DEL", `propusk:{${key}}:lock`, `propusk:{${key}}:held`);
    await until(async () => (await owner(key)) === mine);
    end();
    await held;
    assert.equal(await owner(key), null);
  });

  test(`${kind.name}: a lock that ended while Redis was away is left to its holder, who lives`, async () => {
    const lockTtl = 2_000;
    const key = fresh();
    const [one, two] = [await store({ lockTtl, timeout: 20_000 }), await store({ lockTtl, timeout: 20_000 })];
    const { task, began, end } = lasting();
    const held = one.withLock(key, task);
    await began;
    const mine = await owner(key);
    let isIn = false;
    await server.stop("SIGKILL");
    const next = two.withLock(key, async () => void (isIn = true));
    const start = performance.now();
    await until(() => performance.now() - start > 1.2 * lockTtl);
    await server.start();
    await until(async () => (await owner(key)) !== null);
    assert.equal(await owner(key), mine);
    end();
    await held;
    await next;
    assert.equal(isIn, true);
  });

  test(`${kind.name}: a Redis that is asleep for longer than a lock lasts lets nobody in beside the holder, not even one that comes anew`, async () => {
    const lockTtl = 1_500;
    const key = fresh();
    const one = await store({ lockTtl });
    const waiter = await store({ lockTtl });
    await waiter.get(key);
    const { task, began, end } = lasting();
    let isHeld = true;
    /** @type {AbortSignal | undefined} */
    let signal;
    const held = one.withLock(key, (given) => ((signal = given), task())).finally(() => (isHeld = false));
    await began;
    const mine = await owner(key);
    const enter = async () => assert.ok(!isHeld || signal?.aborted, "two are in, and the first does not know");
    const first = waiter.withLock(key, enter);
    const asleep = server.command("DEBUG", "SLEEP", "3");
    // One that is there first when it wakes up.
    const next = kind.connect(server).then((client) => redisStore(client, { lockTtl }).withLock(key, enter));
    await asleep;
    await until(async () => (await owner(key)) === mine);
    end();
    await Promise.all([held, first, next]);
  });

  test(`${kind.name}: a holder that is cut off from Redis is told by its task's signal before another is let in`, async () => {
    const lockTtl = 1_000;
    const key = fresh();
    const line = await wire(server);
    const cutOff = redisStore(await kind.connect(line), { lockTtl });
    const { task, began, end } = lasting();
    /** @type {AbortSignal | undefined} */
    let signal;
    const held = cutOff.withLock(key, (given) => ((signal = given), task()));
    await began;
    line.sever();
    await (await store({ lockTtl })).withLock(key, async () => assert.ok(signal?.aborted, "it does not know"));
    assert.ok(isAuthError(signal?.reason, "storage"));
    end("result");
    assert.equal(await held, "result");
  });

  test(`${kind.name}: a wait that is aborted ends with the signal's reason, and takes nothing`, async () => {
    const key = fresh();
    const [one, two] = [await store(), await store()];
    const ran = () => assert.fail("it was not to run");
    const reason = new Error("enough");
    assert.equal(await failure(two.withLock(key, ran, { signal: AbortSignal.abort(reason) })), reason);
    const { task, began, end } = lasting();
    const held = one.withLock(key, task);
    await began;
    const controller = new AbortController();
    const waiting = failure(two.withLock(key, ran, { signal: controller.signal }));
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort(reason);
    assert.equal(await waiting, reason);
    end();
    await held;
    assert.equal(await owner(key), null);
  });

  test(`${kind.name}: a signal that comes after the lock was given disturbs nothing`, async () => {
    const controller = new AbortController();
    const task = async () => {
      controller.abort();
      return "done";
    };
    assert.equal(await (await store()).withLock(fresh(), task, { signal: controller.signal }), "done");
  });

  test(`${kind.name}: a lock that is given after its waiter went away is given back at once`, async () => {
    const key = fresh();
    const one = await store({ lockTtl: 600_000 });
    await one.get(key);
    server.hang();
    const controller = new AbortController();
    const waiting = failure(one.withLock(key, async () => assert.fail("it was not to run"), { signal: controller.signal }));
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort("enough");
    assert.equal(await waiting, "enough");
    server.goOn();
    assert.equal(await (await store()).withLock(key, async () => "free"), "free");
  });

  test(`${kind.name}: where Redis does not answer, the wait for a lock ends with storage, and nothing stays locked`, async () => {
    const key = fresh();
    const one = await store({ lockTtl: 600_000, timeout: 200 });
    await one.get(key);
    server.hang();
    const error = await failure(one.withLock(key, async () => assert.fail("it was not to run")));
    server.goOn();
    assert.ok(isAuthError(error, "storage"), String(error));
    assert.equal(error.retryable, true);
    assert.equal(await (await store()).withLock(key, async () => "free"), "free");
  });

  test(`${kind.name}: when the lock cannot be given back, the task's result still stands`, async () => {
    const one = await store({ timeout: 200 });
    const result = await one.withLock(fresh(), async () => (server.hang(), "result"));
    server.goOn();
    assert.equal(result, "result");
  });
}
