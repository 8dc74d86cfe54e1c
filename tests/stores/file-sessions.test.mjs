/** What lies in a folder of sessions: listed without a secret, and removed for everybody. */
import assert from "node:assert/strict";
import { appendFileSync, chmodSync, chownSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { load, loadNode } from "../support/package.mjs";
import { ACCOUNTS } from "../support/sandbox.mjs";
import { changes, failure, suite } from "../support/suite.mjs";
import { fileStore, scratch, until } from "./support/scratch.mjs";

const [KASSA, SMARTS] = /** @type {const} */ (["bifit-kassa", "mobile-smarts"]);
const { isAuthError } = await load();
const { listSessions, removeSession } = await loadNode();
const { box, create } = await suite();

test("sessions are listed with provider, account, server, subject and expiry, and without a secret", async () => {
  const directory = scratch();
  const storage = fileStore({ directory });
  assert.deepEqual(await listSessions({ directory: join(directory, "none") }), []);
  const kassa = await create(KASSA, { storage });
  const { subject, expiresAt } = await kassa.login(ACCOUNTS[KASSA]);
  const smarts = await create(SMARTS, { storage, account: "склад / 2" });
  await smarts.login(ACCOUNTS[SMARTS]);
  const tokens = [await kassa.getAccessToken(), await smarts.getAccessToken()];
  const listed = await listSessions({ directory });
  assert.deepEqual(listed, [
    { provider: KASSA, account: "default", baseUrl: box.services[KASSA].baseUrl, subject, expiresAt, renewable: true },
    { provider: SMARTS, account: "склад / 2", baseUrl: box.services[SMARTS].baseUrl, subject: smarts.session?.subject ?? null, expiresAt: smarts.session?.expiresAt ?? null, renewable: true },
  ]);
  assert.ok(Object.isFrozen(listed) && Object.isFrozen(listed[0]));
  for (const token of tokens) assert.ok(!JSON.stringify(listed).includes(token));
});

test("what is no record of a session is left out, and left alone", async () => {
  const directory = scratch();
  const storage = fileStore({ directory });
  const client = await create(KASSA, { storage });
  await client.login(ACCOUNTS[KASSA]);
  for (const text of ["", "{}", "[]", "null", "secret", '{"v":2,"for":"x"}', '{"v":2,"for":[1,2,3,4],"access":"t"}', '{"for":["a","b","c","d"],"access":"t"}', '{"v":2,"for":["a","b","c","d"]}']) {
    await storage.set(`other ${text}`, text);
  }
  const strange = (/** @type {string} */ digit) => join(directory, `x-${digit.repeat(64)}.session`);
  mkdirSync(strange("0"));
  symlinkSync("/etc/hostname", strange("1"));
  writeFileSync(strange("2"), JSON.stringify({ v: 2, for: ["a", "b", "c", "d"], access: "t" }));
  chmodSync(strange("2"), 0o666);
  if (process.geteuid?.() === 0) {
    writeFileSync(strange("3"), JSON.stringify({ v: 2, for: ["a", "b", "c", "d"], access: "t" }), { mode: 0o600 });
    chownSync(strange("3"), 65534, 65534);
  }
  appendFileSync(join(directory, "notes.session"), "{}");
  const before = readdirSync(directory).length;
  assert.deepEqual((await listSessions({ directory })).map(({ provider }) => provider), [KASSA]);
  assert.equal(await removeSession({ provider: "a", baseUrl: "b", account: "d" }, { directory }), false);
  assert.equal(readdirSync(directory).length, before);
});

test("a session that is removed is gone for everybody who shares it, and no other is", async () => {
  const directory = scratch();
  const storage = fileStore({ directory });
  const [one, two] = [await create(KASSA, { storage }), await create(KASSA, { storage, account: "two" })];
  await one.login(ACCOUNTS[KASSA]);
  await two.login(ACCOUNTS[KASSA]);
  const reasons = changes(one);
  const [session] = (await listSessions({ directory })).filter(({ account }) => account === "default");
  assert.deepEqual((await Promise.all([1, 2].map(() => removeSession(session, { directory })))).sort(), [false, true]);
  assert.equal(await removeSession(session, { directory }), false);
  await until(() => one.session === null);
  assert.deepEqual(reasons, ["sync"]);
  assert.deepEqual((await listSessions({ directory })).map(({ account }) => account), ["two"]);
  assert.ok((await two.refresh()).renewable);
});

test("wrong arguments are told before anything is looked at", async () => {
  for (const options of [null, "x", { folder: "x" }, { directory: 1 }, { directory: "x", lockTimeout: 1 }]) {
    assert.ok(isAuthError(await failure(listSessions(/** @type {any} */ (options))), "invalid_config"), JSON.stringify(options));
  }
  const directory = join(scratch(), "none");
  for (const session of [null, "x", {}, { provider: "a", account: "b" }, { provider: "a", account: "b", baseUrl: null }]) {
    assert.ok(isAuthError(await failure(removeSession(/** @type {any} */ (session), { directory })), "invalid_input"), JSON.stringify(session));
  }
  assert.equal(await removeSession({ provider: "a", account: "b", baseUrl: "c" }, { directory }), false);
});
