/** Rows 16, 22 and 26 of the failure table: stores that fail, names that objects already have, and no store at all. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { broken } from "../support/stores.mjs";
import { failure, memory, spies, suite } from "../support/suite.mjs";
import { fileStore, scratch } from "../stores/support/scratch.mjs";

const KASSA = "bifit-kassa";
const PATH = GOODS[KASSA];
const OTHER = { username: "79990000004", password: "пароль" };
const { box, create, make, record, signedIn } = await suite();

/** @type {[string, (error: Error) => unknown][]} */
const FAILURES = [
  ["throws", (error) => { throw error; }],
  ["rejects", (error) => Promise.reject(error)],
  ["gives a number", () => 5],
];

for (const [how, fail] of FAILURES) {
  /** A store whose next read fails, and no other. @param {ReturnType<typeof broken>} storage */
  const once = (storage) => {
    storage.how.get = () => {
      delete storage.how.get;
      return fail(new Error("database is locked"));
    };
  };

  test(`16. Store read ${how} once, then works: client recovers (at create)`, async () => {
    const storage = broken({});
    const { session } = await signedIn(KASSA, { storage });
    const { warnings, hooks } = spies();
    once(storage);
    const client = await create(KASSA, { storage, ...hooks });
    assert.deepEqual(warnings.map(({ code }) => code), ["storage"]);
    assert.equal((await client.fetch(PATH)).status, 200);
    assert.deepEqual(client.session, session);
    await client.refresh();
    assert.deepEqual((await create(KASSA, { storage })).session, client.session);
    assert.deepEqual([warnings.length, (await box.families(KASSA)).maxSpends], [1, 1]);
  });

  test(`16. Store read ${how} once, then works: client recovers (at a renewal)`, async () => {
    const storage = broken({});
    const { warnings, hooks } = spies();
    const client = await signedIn(KASSA, { storage, ...hooks });
    once(storage);
    await client.refresh();
    await client.refresh();
    const other = await create(KASSA, { storage });
    await other.refresh();
    // It has not lost touch with the store: what the other wrote is seen.
    await client.refresh();
    assert.deepEqual([warnings.length, (await box.families(KASSA)).maxSpends], [1, 1]);
    assert.equal((await client.fetch(PATH)).status, 200);
  });
}

const NAMES = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "then", "length"];

/** @type {[string, () => import("propusk").TokenStore][]} */
const STORES = [
  ["memory", memory],
  ["files", () => fileStore({ directory: scratch() })],
  ["a plain object", plain],
];

/** A store as somebody may write it who does not think of prototypes: the keys must not be such names. */
function plain() {
  /** @type {Record<string, string>} */
  const kept = {};
  return {
    get: (/** @type {string} */ key) => kept[key] ?? null,
    set: (/** @type {string} */ key, /** @type {string} */ value) => void (kept[key] = value),
    delete: (/** @type {string} */ key) => void delete kept[key],
  };
}

for (const [what, store] of STORES) {
  test(`22. Prototype names as storage key: accounts of such names are kept apart (${what})`, async () => {
    const storage = store();
    for (const [n, account] of NAMES.entries()) {
      const client = await create(KASSA, { storage, account });
      assert.equal(client.session, null, account);
      await client.login(n % 2 ? OTHER : ACCOUNTS[KASSA]);
    }
    for (const [n, account] of NAMES.entries()) {
      const client = await create(KASSA, { storage, account });
      assert.equal(client.session?.subject, n % 2 ? "120044" : "120041", account);
      await client.logout();
      assert.equal((await create(KASSA, { storage, account })).session, null);
    }
    assert.equal(/** @type {any} */ ({}).polluted, undefined);
  });
}

test("22. Prototype names in an answer and in options change no prototype", async () => {
  const answer = '{"access_token":"a","refresh_token":"r","expires_in":3600,"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":"x"}';
  const { origin } = await record(() => ({ headers: { "content-type": "application/json" }, body: answer }));
  const client = await make({ provider: KASSA, baseUrl: origin });
  const { details } = await client.login(ACCOUNTS[KASSA]);
  assert.ok(Object.hasOwn(details, "toString"));
  assert.equal(/** @type {any} */ (details).polluted, undefined);
  for (const value of [{}, Object, () => {}, [], ""]) assert.equal(/** @type {any} */ (value).polluted, undefined);
  for (const name of NAMES) assert.equal((await failure(make({ provider: name, baseUrl: origin }))).code, "invalid_config", name);
  const options = JSON.parse(`{"provider":"${KASSA}","baseUrl":"${origin}","__proto__":{"timeout":1}}`);
  const error = await failure(make(options));
  assert.deepEqual([error.code, /__proto__/.test(error.message)], ["invalid_config", true]);
});

const quota = () => {
  throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
};

for (const storage of /** @type {const} */ (["local", "session"])) {
  test(`26. Storage disabled: memory fallback and a warning event ("${storage}", which Node has not)`, async () => {
    const { warnings, hooks } = spies();
    const client = await create(KASSA, { storage, ...hooks });
    await client.login(ACCOUNTS[KASSA]);
    await client.refresh();
    assert.equal((await client.fetch(PATH)).status, 200);
    assert.deepEqual(warnings.map(({ code, provider }) => [code, provider]), [["storage", KASSA]]);
    assert.ok(warnings[0].hint);
    await client.logout();
    assert.equal(client.session, null);
  });
}

test("26. Quota full: memory fallback and a warning event (a store of the caller's)", async () => {
  const { warnings, hooks } = spies();
  const storage = broken({ set: quota });
  const client = await create(KASSA, { storage, ...hooks });
  await client.login(ACCOUNTS[KASSA]);
  for (let n = 0; n < 3; n += 1) await client.refresh();
  assert.equal((await client.fetch(PATH)).status, 200);
  assert.deepEqual([warnings.length, warnings[0].code], [1, "storage"]);
  assert.equal(/** @type {any} */ (warnings[0].cause).name, "QuotaExceededError");
  // There is room again: the session is stored, and the next trouble is told anew.
  delete storage.how.set;
  await client.refresh();
  assert.deepEqual((await create(KASSA, { storage })).session, client.session);
  storage.how.set = quota;
  await client.refresh();
  assert.equal(warnings.length, 2);
  assert.equal((await box.families(KASSA)).maxSpends, 1);
});
