/** A store that fails: the client goes on in memory, and says so once. */
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { failure, memory, spies, suite } from "../support/suite.mjs";
import { broken } from "../support/stores.mjs";

const KASSA = "bifit-kassa";
const { box, create, later, rows, signedIn } = await suite();

const DISK = new Error("the disk is full");
const thrown = () => {
  throw DISK;
};
const rejected = () => Promise.reject(DISK);

/** Every call of a client, one after another. @param {import("propusk").AuthClient<any>} client */
async function everything(client) {
  assert.equal((await client.login(ACCOUNTS[KASSA])).subject, "120041");
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
  await client.refresh();
  await box.expire(KASSA);
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
  assert.equal(typeof (await client.getAccessToken()), "string");
  await client.refresh();
}

for (const [how, fail] of /** @type {[string, () => unknown][]} */ ([["throws", thrown], ["rejects", rejected]])) {
  for (const methods of [["get"], ["set"], ["get", "set"], ["get", "set", "delete"]]) {
    test(`a store whose ${methods.join(", ")} ${how} always: everything works in memory, with one warning`, async () => {
      const { warnings, hooks } = spies();
      const storage = broken(Object.fromEntries(methods.map((method) => [method, fail])));
      const client = await create(KASSA, { storage, ...hooks });
      await everything(client);
      assert.deepEqual(warnings.map(({ code, provider }) => [code, provider]), [["storage", KASSA]]);
      assert.equal(warnings[0].cause, DISK);
      assert.match(warnings[0].message, new RegExp(`\\b(${methods.join("|")})\\b`));
      assert.equal((await box.families(KASSA)).maxSpends, 1);
      await client.logout();
      assert.equal(client.session, null);
      assert.equal((await failure(client.fetch(GOODS[KASSA]))).code, "login_required");
    });
  }
}

rows("a store whose get gives something else than text: a warning, and nobody is signed in", [5, true, {}, [], Symbol("x"), 1n], async (wrong) => {
  const { warnings, hooks } = spies();
  const client = await create(KASSA, { storage: broken({ get: () => wrong }), ...hooks });
  assert.equal(client.session, null);
  assert.deepEqual(warnings.map(({ code }) => code), ["storage"]);
  await everything(client);
  assert.equal(warnings.length, 1);
});

rows("a store may throw what it likes", [undefined, null, 0, "", "text", Symbol("x"), { then: 1 }], async (thing) => {
  const { warnings, hooks } = spies();
  const storage = broken({
    set: () => {
      throw thing;
    },
  });
  const client = await create(KASSA, { storage, ...hooks });
  await everything(client);
  assert.deepEqual(warnings.map(({ code }) => code), ["storage"]);
});

test("nobody listens for warnings: a failing store disturbs nothing", async () => {
  const client = await create(KASSA, { storage: broken({ get: thrown, set: rejected, delete: thrown }) });
  await everything(client);
  await client.logout();
});

test("a listener for warnings that throws disturbs nothing", async () => {
  const client = await create(KASSA, { storage: broken({ get: thrown, set: rejected, delete: thrown }), onWarning: thrown });
  await everything(client);
  await client.logout();
});

test("reading fails once at the start: the client signs in, and its session is stored", async () => {
  const { warnings, hooks } = spies();
  const storage = broken({ get: thrown });
  const client = await create(KASSA, { storage, ...hooks });
  delete storage.how.get;
  await client.login(ACCOUNTS[KASSA]);
  assert.deepEqual((await create(KASSA, { storage })).session, client.session);
  assert.equal(warnings.length, 1);
});

test("reading fails once later: the renewal goes on with what memory holds", async () => {
  const { warnings, hooks } = spies();
  const storage = broken({});
  const client = await signedIn(KASSA, { storage, ...hooks });
  storage.how.get = () => {
    delete storage.how.get;
    throw DISK;
  };
  await client.refresh();
  await client.refresh();
  assert.equal(warnings.length, 1);
  assert.deepEqual(await box.counts(KASSA), { refresh: 2 });
  assert.equal(await (await create(KASSA, { storage })).getAccessToken(), await client.getAccessToken());
});

test("writing fails once: the next renewal is stored again", async () => {
  const { warnings, hooks } = spies();
  const storage = broken({ set: rejected });
  const client = await create(KASSA, { storage, ...hooks });
  await client.login(ACCOUNTS[KASSA]);
  assert.equal((await create(KASSA, { storage })).session, null);
  delete storage.how.set;
  await client.refresh();
  assert.equal(await (await create(KASSA, { storage })).getAccessToken(), await client.getAccessToken());
  assert.equal(warnings.length, 1);
});

test("while writing fails, the older record in the store is not taken for a newer one", async () => {
  const storage = broken({});
  const client = await signedIn(KASSA, { storage });
  storage.how.set = thrown;
  await client.refresh();
  const token = await client.getAccessToken();
  await client.refresh();
  assert.notEqual(await client.getAccessToken(), token);
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
  assert.deepEqual((await box.families(KASSA)), { issued: 3, spent: 2, reuseDetected: 0, revoked: 0, maxSpends: 1 });
});

test("each outage is told once", async () => {
  const { warnings, hooks } = spies();
  const storage = broken({});
  const client = await signedIn(KASSA, { storage, ...hooks });
  for (let n = 1; n <= 3; n += 1) {
    storage.how.set = rejected;
    await client.refresh();
    await client.refresh();
    delete storage.how.set;
    await client.refresh();
    assert.equal(warnings.length, n);
  }
});

test("logout with a store that can't delete: signed out here, resolved, and told", async () => {
  const { warnings, hooks } = spies();
  const storage = broken({});
  const client = await signedIn(KASSA, { storage, ...hooks });
  storage.how.delete = rejected;
  assert.equal(await client.logout(), undefined);
  assert.equal(client.session, null);
  assert.ok(warnings.length > 0);
  for (const { code } of warnings) assert.equal(code, "storage");
});

const never = () => new Promise(() => {});

/** Timers of the test's own realm, the package's among them, stand still until they are told to go on. */
function virtual() {
  mock.timers.enable({ apis: ["setTimeout"] });
  later(() => mock.timers.reset());
}

/** A `fetch` that is looked at: nothing that takes real time is waited for while it is quiet. */
function line() {
  let flying = 0;
  return {
    isQuiet: () => flying === 0,
    /** @type {typeof fetch} */
    fetch: async (input, init) => {
      flying += 1;
      try {
        return await fetch(input, init);
      } finally {
        flying -= 1;
      }
    },
  };
}

/** Turns of the event loop in which an answer that is there is read. */
const TURNS = 30;

/**
 * Lets half a minute pass, in no time, whenever no request is on its way and nothing happens.
 *
 * @template T
 * @param {Promise<T>} promise
 * @param {() => boolean} isQuiet
 */
async function bounded(promise, isQuiet) {
  let ended = false;
  const done = promise.finally(() => (ended = true));
  done.catch(() => {});
  for (let turns = 0; !ended; turns = isQuiet() ? turns + 1 : 0) {
    await new Promise(setImmediate);
    if (turns < TURNS) continue;
    mock.timers.tick(29_000);
    turns = 0;
  }
  return done;
}

for (const method of /** @type {const} */ (["get", "set", "delete"])) {
  test(`a store whose ${method} never ends: the wait for it is bounded, and memory serves`, { timeout: 20_000 }, async () => {
    const { warnings, hooks } = spies();
    let asked = 0;
    const storage = broken({ [method]: () => ((asked += 1), never()) });
    virtual();
    const { fetch, isQuiet } = line();
    const client = await bounded(create(KASSA, { storage, fetch, ...hooks }), isQuiet);
    await bounded(client.login(ACCOUNTS[KASSA]), isQuiet);
    assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
    await bounded(client.refresh(), isQuiet);
    await bounded(client.logout(), isQuiet);
    assert.ok(asked > 0 && warnings.length > 0);
    for (const { code } of warnings) assert.equal(code, "storage");
    assert.equal(client.session, null);
  });
}

test("close does not wait for a store that hangs", async () => {
  let asked = () => {};
  const writing = new Promise((resolve) => (asked = () => resolve(null)));
  const client = await create(KASSA, { storage: broken({ set: () => (asked(), never()) }) });
  const login = failure(client.login(ACCOUNTS[KASSA]));
  await writing;
  client.close();
  assert.equal((await login).code, "closed");
});

test("a signal ends the wait for a store that hangs", async () => {
  let asked = () => {};
  const writing = new Promise((resolve) => (asked = () => resolve(null)));
  const client = await create(KASSA, { storage: broken({ set: () => (asked(), never()) }) });
  const controller = new AbortController();
  const login = failure(client.login(ACCOUNTS[KASSA], { signal: controller.signal }));
  await writing;
  controller.abort("enough");
  assert.equal(await login, "enough");
});

for (const [how, withLock] of /** @type {[string, () => unknown][]} */ ([
  ["throws", thrown],
  ["rejects", rejected],
  ["ends without running its task", async () => {}],
])) {
  test(`a lock that ${how} only saved requests: the renewal goes on, with a warning`, async () => {
    const { warnings, hooks } = spies();
    const client = await signedIn(KASSA, { storage: { ...memory(), withLock }, ...hooks });
    assert.equal((await client.refresh()).subject, "120041");
    assert.deepEqual(warnings.map(({ code }) => code), ["storage"]);
    assert.deepEqual(await box.counts(KASSA), { refresh: 1 });
  });
}

test("a lock that is never given: the wait for it is bounded, its signal is aborted, and the renewal goes on", { timeout: 20_000 }, async () => {
  const { warnings, hooks } = spies();
  /** @type {AbortSignal | undefined} */
  let signal;
  const withLock = (/** @type {string} */ key, /** @type {unknown} */ task, /** @type {{ signal: AbortSignal }} */ options) => ((signal = options.signal), never());
  const { fetch, isQuiet } = line();
  const client = await signedIn(KASSA, { storage: { ...memory(), withLock }, fetch, ...hooks });
  virtual();
  assert.equal((await bounded(client.refresh(), isQuiet)).subject, "120041");
  assert.equal(signal?.aborted, true);
  assert.deepEqual(warnings.map(({ code }) => code), ["storage"]);
});
