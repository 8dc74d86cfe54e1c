/** Signing in to the five services of propusk-sandbox with propusk. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AuthClient, GOODS, SERVICES, account, client, open, purposes, signedIn } from "./support/box.mjs";

/** What each service is asked for a sign-in and a call. */
const ASKED = {
  "bifit-kassa": ["login", "api"],
  invoicebox: ["check", "api"],
  "mobile-smarts": ["login", "api"],
  bstats: ["authorize", "exchange", "api"],
  "smart-satu": ["login", "api"],
};

for (const service of SERVICES) {
  test(`${service}: the plain account signs in and calls`, async () => {
    const box = await open();
    const made = await signedIn(box, service);
    const response = await made.fetch(GOODS[service]);
    assert.equal(response.status, 200);
    assert.equal((await response.text()).includes("ok"), true);
    assert.deepEqual(purposes(box, service), ASKED[service]);
    assert.ok(box.requests().every(({ refused, status }) => refused === null && status < 400));
  });
}

test("the first account of each service is the plain one, and each says what it is there for", async () => {
  const box = await open();
  assert.deepEqual(Object.keys(box.accounts), SERVICES);
  assert.deepEqual(Object.keys(box.urls), SERVICES);
  for (const service of SERVICES) {
    assert.equal(box.accounts[service][0].purpose, "plain");
    const all = box.accounts[service].map(({ purpose }) => purpose);
    assert.equal(new Set(all).size, all.length);
  }
  assert.deepEqual(box.accounts.bstats[0].credentials, { username: "demo", password: "demo" });
});

test("the second factor is asked for, and its code is the account's", async () => {
  const box = await open();
  const made = await client(box, "bifit-kassa");
  const { credentials, code } = account(box, "bifit-kassa", "second factor");
  assert.ok(code);
  await assert.rejects(made.login(credentials), { code: "second_factor_required" });
  await assert.rejects(made.confirm("000000"), { code: "invalid_second_factor" });
  assert.equal((await made.confirm(code)).provider, "bifit-kassa");
  assert.deepEqual(purposes(box), ["login", "confirm", "confirm"]);
  assert.deepEqual(box.requests().map(({ refused }) => refused !== null), [true, true, false]);
});

for (const service of /** @type {const} */ (["bifit-kassa", "mobile-smarts", "smart-satu"])) {
  test(`${service}: the first token of the expired account is refused, and a renewal mends it`, async () => {
    const box = await open();
    const { credentials } = account(box, service, "expired");
    const made = await client(box, service, { credentials: () => credentials });
    await made.login(credentials);
    assert.equal((await made.fetch(GOODS[service])).status, 200);
    const asked = purposes(box, service);
    assert.deepEqual(asked, ["login", "api", service === "smart-satu" ? "login" : "refresh", "api"]);
  });
}

test("every other account does what its purpose says", async () => {
  const box = await open();
  await signedIn(box, "bifit-kassa", {}, "other alphabet");
  await signedIn(box, "invoicebox", { version: "l3" }, "l3");
  for (const [version, purpose] of [["v3", "forbidden"], ["l3", "l3 forbidden"]]) {
    await assert.rejects(signedIn(box, "invoicebox", { version }, purpose), { code: "insufficient_scope", status: 403 });
  }
});

test("a wrong password is refused, and the service says what it found wrong", async () => {
  const box = await open();
  for (const service of /** @type {const} */ (["bifit-kassa", "mobile-smarts", "smart-satu"])) {
    const { username } = account(box, service).credentials;
    await assert.rejects((await client(box, service)).login({ username, password: "wrong" }), { code: "invalid_credentials" });
    assert.deepEqual(box.requests(service).map(({ refused }) => refused), ["another password"]);
  }
});

test("several sandboxes in one process know nothing of each other", async () => {
  const [one, two] = await Promise.all([open(), open()]);
  assert.equal(new Set([...Object.values(one.urls), ...Object.values(two.urls)]).size, 10);
  const made = await signedIn(one, "bifit-kassa");
  assert.deepEqual([one.requests().length, two.requests().length], [1, 0]);
  two.revoke("bifit-kassa");
  two.fault("bifit-kassa", { status: 500 });
  assert.equal((await made.fetch(GOODS["bifit-kassa"])).status, 200);
  await two.close();
  assert.equal((await made.fetch(GOODS["bifit-kassa"])).status, 200);
  const token = await made.getAccessToken();
  const three = await open();
  const stranger = await AuthClient.create({ provider: "bifit-kassa", baseUrl: three.urls["bifit-kassa"] });
  await stranger.setSession({ accessToken: token ?? "" });
  assert.equal((await stranger.fetch(GOODS["bifit-kassa"])).status, 401);
  stranger.close();
});
