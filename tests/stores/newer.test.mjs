/** A store in which a newer version of the package has left a session: what an older one does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { failure, spies, suite } from "../support/suite.mjs";
import { CURRENT, redisStore } from "./support/clients.mjs";
import { serve } from "./support/redis.mjs";
import { fileStore, scratch, until } from "./support/scratch.mjs";

const KASSA = "bifit-kassa";
const { box, create, signedIn } = await suite();
const server = await serve();
let stores = 0;

/** @typedef {Required<import("propusk").TokenStore>} Store */

/** @type {[string, () => Promise<Store>][]} */
const STORES = [
  ["fileStore", async () => /** @type {Store} */ (fileStore({ directory: scratch() }))],
  ...CURRENT.map((kind) => /** @type {[string, () => Promise<Store>]} */ ([`redisStore with ${kind.name}`, async () => redisStore(await kind.connect(server), { prefix: `newer-${++stores}:` })])),
];

for (const [name, open] of STORES) {
  /** The store, and under which name clients keep a session in it. */
  async function known() {
    const store = await open();
    let key = "";
    const storage = { ...store, get: (/** @type {string} */ asked) => store.get((key = asked)) };
    return { store, storage, key: () => key };
  }

  /** The record as a newer version would write it. @param {Store} store @param {string} key */
  async function renewed(store, key) {
    const record = JSON.parse(/** @type {string} */ (await store.get(key)));
    const newer = JSON.stringify({ ...record, v: record.v + 1, more: "things" });
    await store.set(key, newer);
    return newer;
  }

  test(`${name}: a session of a newer version is left alone, one warning says so, and a login takes its place`, async () => {
    const { store, storage, key } = await known();
    (await signedIn(KASSA, { storage })).close();
    const newer = await renewed(store, key());
    const { warnings, hooks } = spies();
    const client = await create(KASSA, { storage: store, ...hooks });
    assert.equal(client.session, null);
    for (const call of [client.refresh(), client.getAccessToken(), client.fetch(GOODS[KASSA])]) assert.equal((await failure(call)).code, "login_required");
    assert.equal(await store.get(key()), newer);
    assert.deepEqual(warnings.map(({ code, retryable }) => [code, retryable]), [["storage", false]]);
    assert.match(`${warnings[0].message} ${warnings[0].hint}`, /newer version.*Update.*signs in or out/);
    const session = await client.login(ACCOUNTS[KASSA]);
    assert.deepEqual((await create(KASSA, { storage: store })).session, session);
  });

  test(`${name}: a token that a newer version may have spent is not sent, and its logout reaches the older one`, async () => {
    const { store, storage, key } = await known();
    const { warnings, hooks } = spies();
    const client = await signedIn(KASSA, { storage, ...hooks });
    const newer = await renewed(store, key());
    const error = await failure(client.refresh());
    assert.deepEqual([error.code, error.retryable], ["storage", false]);
    assert.match(`${error.message} ${error.hint}`, /newer version.*Update/);
    assert.deepEqual(await box.counts(KASSA), {});
    assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
    assert.equal(await store.get(key()), newer);
    assert.equal(warnings.length, 1);
    await store.delete(key());
    await until(() => client.session === null);
    assert.equal(await store.get(key()), null);
  });
}
