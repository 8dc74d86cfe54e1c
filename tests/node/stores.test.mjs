/** A caller's own store: what is kept in it, for whom, and what is made of what it gives back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { changes, clock, consent, failure, memory, spies, suite } from "../support/suite.mjs";

/** @typedef {import("../support/sandbox.mjs").Service} Service */

const KASSA = "bifit-kassa";
const SERVICES = /** @type {Service[]} */ ([KASSA, "invoicebox", "mobile-smarts", "bstats", "smart-satu"]);
const { box, create, make, rows, signedIn } = await suite();

for (const provider of SERVICES) {
  test(`${provider}: a second client finds the session of the first, and sends nothing for it`, async () => {
    const storage = memory();
    const first = await signedIn(provider, { storage });
    const second = await create(provider, { storage });
    assert.deepEqual(second.session, first.session);
    assert.ok(Object.isFrozen(second.session));
    assert.equal(await box.total(), 0);
    assert.equal(await second.getAccessToken(), await first.getAccessToken());
    assert.equal((await second.fetch(GOODS[provider])).status, 200);
    assert.deepEqual(await box.counts(provider), { api: 1 });
  });
}

for (const provider of /** @type {Service[]} */ ([KASSA, "mobile-smarts"])) {
  test(`${provider}: the second client can renew, and a third finds what came of it`, async () => {
    const storage = memory();
    (await signedIn(provider, { storage })).close();
    const second = await create(provider, { storage });
    await second.refresh();
    const third = await create(provider, { storage });
    assert.equal(await third.getAccessToken(), await second.getAccessToken());
    await third.refresh();
    assert.equal((await third.fetch(GOODS[provider])).status, 200);
    assert.equal((await box.families(provider)).maxSpends, 1);
  });
}

test("a session that expired in the store is renewed when it is used", async () => {
  const [storage, time] = [memory(), clock()];
  (await signedIn(KASSA, { storage, now: time.now })).close();
  time.pass(43_200_000);
  const client = await create(KASSA, { storage, now: time.now });
  assert.ok(client.session);
  assert.equal(await box.total(), 0);
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
  assert.deepEqual(await box.counts(KASSA), { refresh: 1, api: 1 });
});

test("a login is in the store before anyone hears of it, and so is a renewal", async () => {
  /** @type {string[]} */
  const order = [];
  const kept = memory();
  const client = await create(KASSA, {
    storage: { ...kept, set: (/** @type {string} */ key, /** @type {string} */ value) => (kept.set(key, value), void order.push("set")) },
  });
  client.subscribe((_, reason) => void order.push(reason));
  await client.login(ACCOUNTS[KASSA]);
  await client.refresh();
  await client.logout();
  assert.deepEqual(order.slice(0, 4), ["set", "login", "set", "refresh"]);
  assert.equal(kept.map.size, 0);
});

test("a store may be an object of a class, and may answer later", async () => {
  class Slow {
    #map = new Map();
    async get(/** @type {string} */ key) {
      await new Promise(setImmediate);
      return this.#map.get(key);
    }
    async set(/** @type {string} */ key, /** @type {string} */ value) {
      await new Promise(setImmediate);
      this.#map.set(key, value);
    }
    async delete(/** @type {string} */ key) {
      await new Promise(setImmediate);
      this.#map.delete(key);
    }
  }
  const storage = new Slow();
  const { session } = await signedIn(KASSA, { storage });
  const client = await create(KASSA, { storage });
  assert.deepEqual(client.session, session);
  await client.logout();
  assert.equal((await create(KASSA, { storage })).session, null);
});

test("keys are printable ASCII, whatever the account is called, and values are text", async () => {
  const storage = memory();
  const accounts = ["default", "касса №1", "__proto__", "constructor", "a b\n", "a:b", "a%3Ab", "😀"];
  for (const account of accounts) await signedIn(KASSA, { storage, account });
  assert.equal(new Set(storage.map.keys()).size, accounts.length);
  for (const [key, value] of storage.map) {
    assert.match(key, /^[!-~]+$/);
    assert.equal(typeof value, "string");
  }
  for (const account of accounts) assert.equal((await create(KASSA, { storage, account })).session?.subject, "120041");
});

test("accounts that are called like members of every object, in a store that is a plain object", async () => {
  /** @type {Record<string, string>} */
  const object = {};
  const storage = {
    get: (/** @type {string} */ key) => object[key] ?? null,
    set: (/** @type {string} */ key, /** @type {string} */ value) => void (object[key] = value),
    delete: (/** @type {string} */ key) => void delete object[key],
  };
  for (const account of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    const client = await create(KASSA, { storage, account });
    assert.equal(client.session, null);
    await client.login(ACCOUNTS[KASSA]);
    assert.equal((await create(KASSA, { storage, account })).session?.subject, "120041");
  }
});

const GARBAGE = [
  "", " ", "x", "null", "true", "0", "[]", "{}", "\"\"", "{\"v\":1}", "{\"__proto__\":{}}", "__proto__", "constructor", "\u0000", "\ud800",
  "{\"v\":1,\"v\":1}", "[".repeat(100_000), `"${"x".repeat(3_000_000)}"`, "{\"access_token\":\"x\",\"refresh_token\":\"y\"}",
];

rows("a store that holds something else: nobody is signed in, and a login mends it", GARBAGE, async (garbage) => {
  const storage = memory();
  const client = await create(KASSA, { storage: { ...storage, get: (/** @type {string} */ key) => storage.get(key) ?? garbage } });
  assert.equal(client.session, null);
  assert.equal((await failure(client.fetch(GOODS[KASSA]))).code, "login_required");
  assert.equal(await box.total(), 0);
  const { subject } = await client.login(ACCOUNTS[KASSA]);
  assert.equal((await create(KASSA, { storage })).session?.subject, subject);
});

test("a record that was cut off, changed or made longer gives no session, or that session", async () => {
  const kept = memory();
  const { session } = await signedIn(KASSA, { storage: kept });
  const [record] = kept.map.values();
  for (let n = 0; n < record.length; n += 1) {
    const cut = await create(KASSA, { storage: { ...memory(), get: () => record.slice(0, n) } });
    assert.equal(cut.session, null, `cut off after ${n}`);
    cut.close();
  }
  for (const longer of [`${record}x`, `${record}${record}`, `${record}\u0000`, `[${record}]`, `"${record}"`]) {
    assert.equal((await create(KASSA, { storage: { ...memory(), get: () => longer } })).session, null);
  }
  for (const [from, to] of [["1", "2"], ["null", "{}"], ["[", "{"], [":", ","], ["\"", "'"]]) {
    const client = await create(KASSA, { storage: { ...memory(), get: () => record.replaceAll(from, to) } });
    if (client.session) assert.deepEqual(Object.keys(client.session), Object.keys(session ?? {}));
  }
});

test("a record of another version of the package is left alone, and nobody is signed in", async () => {
  const kept = memory();
  await signedIn(KASSA, { storage: kept });
  const [[key, record]] = kept.map;
  // The one thing that these tests know of the stored form: it says its version.
  for (const version of [0, 1, 3, 99, "\"2\"", null]) {
    kept.map.set(key, record.replace("\"v\":2", `"v":${version}`));
    assert.notEqual(kept.map.get(key), record);
    assert.equal((await create(KASSA, { storage: kept })).session, null, `version ${version}`);
    assert.equal(kept.map.size, 1);
  }
});

const OTHERS = /** @type {[string, () => Record<string, unknown>][]} */ ([
  ["provider", () => ({ provider: "smart-satu" })],
  ["baseUrl", () => ({ baseUrl: `${box.services[KASSA].baseUrl}/v2` })],
  ["server", () => ({ baseUrl: "https://kassa.example" })],
  ["clientId", () => ({ clientId: "another" })],
  ["account", () => ({ account: "another" })],
]);

rows("a session is not that of another client, even if the store mixes up its keys", OTHERS, async ([, other]) => {
  const kept = memory();
  await signedIn(KASSA, { storage: kept });
  const [record] = kept.map.values();
  const options = { provider: KASSA, baseUrl: box.services[KASSA].baseUrl, ...other() };
  assert.equal((await make({ ...options, storage: kept })).session, null);
  assert.equal((await make({ ...options, storage: { ...memory(), get: () => record } })).session, null);
});

test("two accounts in one store do not meet", async () => {
  const storage = memory();
  const [one, two] = [await create(KASSA, { storage, account: "one" }), await create(KASSA, { storage, account: "two" })];
  await one.login(ACCOUNTS[KASSA]);
  await two.login({ username: "79990000004", password: "пароль" });
  await one.logout();
  assert.equal((await create(KASSA, { storage, account: "one" })).session, null);
  assert.equal((await create(KASSA, { storage, account: "two" })).session?.subject, "120044");
});

test("a password that goes with every call is never stored", async () => {
  const storage = memory();
  /** @type {string[]} */
  const written = [];
  const set = (/** @type {string} */ key, /** @type {string} */ value) => (written.push(key, value), storage.set(key, value));
  const client = await signedIn("mobile-smarts", { method: "basic", storage: { ...storage, set } });
  assert.equal((await client.fetch(GOODS["mobile-smarts"])).status, 200);
  const { username, password } = ACCOUNTS["mobile-smarts"];
  for (const secret of [password, btoa(password), btoa(`${username}:${password}`)]) {
    assert.ok(!written.join("\n").includes(secret), written.join("\n"));
  }
  assert.equal((await create("mobile-smarts", { method: "basic", storage })).session, null);
});

test("nor is any other password, nor what was made of it", async () => {
  for (const [provider, secrets] of /** @type {[Service, string[]][]} */ ([
    [KASSA, ["secret", "K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols"]],
    ["mobile-smarts", ["123456"]],
    ["smart-satu", ["qwerty"]],
  ])) {
    const storage = memory();
    await signedIn(provider, { storage });
    const text = JSON.stringify([...storage.map]);
    for (const secret of secrets) assert.ok(!text.includes(secret) && !text.includes(btoa(secret)), provider);
  }
});

test("a pending redirect login is in the store: another client finishes it", async () => {
  const storage = memory();
  const first = await create("bstats", { storage });
  const back = await consent(await first.authorizationUrl({ returnTo: "/orders" }));
  first.close();
  const second = await create("bstats", { storage });
  const result = await second.handleRedirect(back);
  assert.equal(result?.returnTo, "/orders");
  assert.deepEqual((await create("bstats", { storage })).session, result?.session);
});

rows("a store whose method is no function is invalid_config that names it", ["get", "set", "delete"].flatMap((method) => [undefined, null, 5, "x", {}].map((wrong) => /** @type {const} */ ([method, wrong]))), async ([method, wrong]) => {
  const error = await failure(create(KASSA, { storage: { ...memory(), [method]: wrong } }));
  assert.equal(error.code, "invalid_config");
  assert.match(error.message, /storage/);
  assert.match(error.message, new RegExp(`\\b${method}\\b`));
});

for (const method of ["withLock", "watch"]) {
  test(`a store whose ${method} is no function is invalid_config; it may be left out`, async () => {
    const error = await failure(create(KASSA, { storage: { ...memory(), [method]: 5 } }));
    assert.equal(error.code, "invalid_config");
    assert.match(error.message, new RegExp(`\\b${method}\\b`));
    await create(KASSA, { storage: { ...memory(), [method]: undefined } });
  });
}

for (const storage of /** @type {const} */ (["local", "session"])) {
  test(`storage: "${storage}" where there is none: memory serves, and onWarning says so once`, async () => {
    // Newer versions of Node have them.
    delete (/** @type {any} */ (globalThis)[`${storage}Storage`]);
    const { warnings, hooks } = spies();
    const client = await create(KASSA, { storage, ...hooks });
    const reasons = changes(client);
    await client.login(ACCOUNTS[KASSA]);
    await client.refresh();
    assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
    await client.logout();
    assert.deepEqual(reasons, ["login", "refresh", "logout"]);
    assert.deepEqual(warnings.map(({ code, provider }) => [code, provider]), [["storage", KASSA]]);
    assert.match(warnings[0].message, new RegExp(`${storage}Storage`));
  });
}

test("storage: \"memory\" needs no store: no warning, and nothing is shared", async () => {
  const { warnings, hooks } = spies();
  await signedIn(KASSA, { storage: "memory", ...hooks });
  assert.equal((await create(KASSA, { storage: "memory" })).session, null);
  assert.deepEqual(warnings, []);
});
