/** Rows 6, 7, 9 and 10 of the failure table: several that share one session, and locks whose holder is gone. */
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { project } from "../support/package.mjs";
import { GOODS } from "../support/sandbox.mjs";
import { shared } from "../support/stores.mjs";
import { changes, failure, memory, suite } from "../support/suite.mjs";
import { fileStore, scratch } from "../stores/support/scratch.mjs";

const [KASSA, SMARTS] = /** @type {const} */ (["bifit-kassa", "mobile-smarts"]);
const OTHER = { username: "79990000004", password: "пароль" };
const { box, create, later, signedIn } = await suite();

/** Stores of which several clients have one: with a lock and news of changes, with neither, and files. @type {Record<string, () => import("propusk").TokenStore>} */
const STORES = { "a lock and news": shared, "neither lock nor news": memory, files: () => fileStore({ directory: scratch() }) };

for (const [what, make] of Object.entries(STORES)) {
  for (const handled of [false, true]) {
    test(`6. Sign-out during refresh: result discarded (${what}, carried out: ${handled})`, async () => {
      const storage = make();
      const client = await signedIn(KASSA, { storage });
      const reasons = changes(client);
      await box.fault(KASSA, "refresh", { kind: "hold", handled });
      const waiting = [failure(client.refresh()), failure(client.getAccessToken({ forceRefresh: true }))];
      await box.held(KASSA);
      await client.logout();
      await box.release(KASSA);
      for (const { code } of await Promise.all(waiting)) assert.equal(code, "aborted");
      assert.deepEqual([client.session, reasons], [null, ["logout"]]);
      assert.equal((await failure(client.fetch("x"))).code, "login_required");
      assert.equal((await create(KASSA, { storage })).session, null);
    });

    test(`6. Sign-out in another context during refresh: result discarded (${what}, carried out: ${handled})`, async () => {
      const storage = make();
      const [client, other] = [await signedIn(KASSA, { storage }), await create(KASSA, { storage })];
      await box.fault(KASSA, "refresh", { kind: "hold", handled });
      const waiting = failure(client.refresh());
      await box.held(KASSA);
      await other.logout();
      await box.release(KASSA);
      assert.ok(["aborted", "login_required"].includes((await waiting).code));
      assert.deepEqual([client.session, other.session], [null, null]);
      assert.equal((await create(KASSA, { storage })).session, null);
    });

    test(`7. Store replaced by another tab during refresh: newer value wins (${what}, carried out: ${handled})`, async () => {
      const storage = make();
      const [client, other] = [await signedIn(KASSA, { storage }), await create(KASSA, { storage })];
      const reasons = changes(client);
      await box.fault(KASSA, "refresh", { kind: "hold", handled });
      const waiting = client.refresh().catch((error) => error);
      await box.held(KASSA);
      await other.login(OTHER);
      await box.release(KASSA);
      const given = await waiting;
      assert.ok(given.subject === "120044" || given.code === "aborted", String(given));
      assert.deepEqual([client.session, reasons], [other.session, ["sync"]]);
      assert.equal(await client.getAccessToken(), await other.getAccessToken());
      assert.deepEqual((await create(KASSA, { storage })).session, other.session);
      assert.equal((await (await client.fetch(GOODS[KASSA])).json()).user_id, 120044);
    });
  }
}

/** One of many: makes calls until it has made all, in a worker or in a process of its own; or one call whose end nobody sees. */
const PROGRAM = `
import { parentPort, workerData } from "node:worker_threads";
import { AuthClient } from "propusk";
import { fileStore } from "propusk/node";
const { directory, options, path, calls } = workerData ?? JSON.parse(process.argv[2]);
const say = (message) => (parentPort ? parentPort.postMessage(message) : process.send(message));
const client = await AuthClient.create({ ...options, storage: fileStore({ directory }), onWarning: ({ message }) => say({ warning: message }) });
say({ session: client.session });
const outcomes = {};
for (let n = 0; n < calls; n += 1) {
  const outcome = await client.fetch(path).then(({ status }) => status, (error) => error.code + ": " + error.message);
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
}
client.close();
say({ outcomes });
if (!parentPort) process.disconnect();
`;

/**
 * @param {"a worker" | "a process"} kind
 * @param {{ directory: string, calls: number, service?: typeof KASSA | typeof SMARTS, options?: object }} order
 */
function member(kind, { directory, calls, service = SMARTS, options }) {
  const path = join(project(), "member.mjs");
  writeFileSync(path, PROGRAM);
  const data = { directory, calls, path: GOODS[service], options: { provider: service, baseUrl: box.services[service].baseUrl, ...options } };
  const { started, end, stop } = kind === "a worker" ? asWorker(path, data) : asProcess(path, data);
  later(end);
  /** @type {any[]} */
  const messages = [];
  let told = () => {};
  started.on("message", (message) => (messages.push(message), told()));
  /** @type {unknown} */
  let ended;
  started.on("error", (error) => ((ended = error), told()));
  started.on("exit", (code) => ((ended ??= new Error(`it ended with ${code}`)), told()));
  return {
    get warnings() {
      return messages.flatMap(({ warning }) => warning ?? []);
    },
    end,
    stop,
    /** What the first message says that says anything about that. @param {"session" | "outcomes"} wanted */
    async wait(wanted) {
      for (;;) {
        const found = messages.find((message) => wanted in message);
        if (found) return found[wanted];
        if (ended) throw ended;
        await new Promise((resolve) => (told = () => resolve(undefined)));
      }
    },
  };
}

/** @param {string} path @param {object} workerData */
function asWorker(path, workerData) {
  const started = new Worker(path, { workerData });
  return { started, end: () => started.terminate(), stop: () => assert.fail("a worker cannot be stopped") };
}

/** @param {string} path @param {object} data */
function asProcess(path, data) {
  const started = fork(path, [JSON.stringify(data)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const gone = once(started, "exit");
  return { started, end: () => (started.kill("SIGKILL"), gone), stop: () => started.kill("SIGSTOP") };
}

/** @type {[string, ("a worker" | "a process")[]][]} */
const GROUPS = [
  ["six workers of one process", Array(6).fill("a worker")],
  ["four processes", Array(4).fill("a process")],
  ["workers and processes", ["a worker", "a process", "a worker", "a process"]],
];

for (const [what, kinds] of GROUPS) {
  test(`9. N contexts on one store: each refresh token value sent once (${what}, files)`, { timeout: 120_000 }, async () => {
    const directory = scratch();
    await signedIn(SMARTS, { storage: fileStore({ directory }) });
    await box.options(SMARTS, { tokenLifetime: 1, latency: 10 });
    await box.expire(SMARTS);
    const members = kinds.map((kind) => member(kind, { directory, calls: 120 }));
    const outcomes = await Promise.all(members.map(({ wait }) => wait("outcomes")));
    assert.deepEqual(outcomes, kinds.map(() => ({ 200: 120 })));
    assert.deepEqual(members.flatMap(({ warnings }) => warnings), []);
    const { maxSpends, reuseDetected, spent } = await box.families(SMARTS);
    assert.deepEqual([maxSpends, reuseDetected], [1, 0]);
    assert.ok(spent >= 2, "the session was renewed again and again");
  });
}

/** Seconds in which others go on: after a death, of which the system tells; and after a silence, when the wait for a lock ends by itself. */
const BOUNDS = { dead: 5, silent: 10 };

/** @type {[string, "a worker" | "a process", "dead" | "silent", string | boolean][]} */
const HOLDERS = [
  ["killed: a process", "a process", "dead", false],
  ["killed: a worker", "a worker", "dead", process.platform !== "linux" && "nothing tells here that a thread has ended"],
  ["that hangs: a process is stopped", "a process", "silent", process.platform === "win32" && "no signals"],
];

for (const [what, kind, state, skip] of HOLDERS) {
  test(`10. Lock holder ${what}: others proceed within ${BOUNDS[state]} s`, { timeout: 120_000, skip }, async () => {
    const directory = scratch();
    const storage = fileStore({ directory });
    const client = await signedIn(KASSA, { storage, timeout: 5000 });
    await box.expire(KASSA);
    await box.fault(KASSA, "refresh", { kind: "hold" });
    const holder = member(kind, { directory, calls: 1, service: KASSA });
    assert.deepEqual(await holder.wait("session"), client.session);
    await box.held(KASSA);
    await (state === "dead" ? holder.end() : holder.stop());
    const begin = performance.now();
    const others = [client, await create(KASSA, { storage, timeout: 5000 }), await create(KASSA, { storage, timeout: 5000 })];
    const statuses = await Promise.all(others.map((other) => other.fetch(GOODS[KASSA]).then(({ status }) => status)));
    const seconds = (performance.now() - begin) / 1000;
    assert.deepEqual(statuses, [200, 200, 200]);
    // On top of the bound, a busy machine's time for the requests themselves.
    assert.ok(seconds < BOUNDS[state] + 10, `${seconds} s`);
    assert.equal((await box.families(KASSA)).reuseDetected, 0);
    await client.refresh();
  });
}
