/** BIFIT Kassa: what is sent, what is read, the second factor. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { ACCOUNTS, GOODS, SECOND_FACTOR } from "../support/sandbox.mjs";
import { allOk, changes, clock, failure, spies, suite } from "../support/suite.mjs";
import { json } from "../support/recorder.mjs";

const KASSA = "bifit-kassa";
const { box, create, make, record, rows, signedIn } = await suite();

const TOKENS = { access_token: "a", token_type: "bearer", expires_in: 43199, refresh_token: "r", scope: "read write" };

/** A server that writes down forms. @param {unknown} answer */
async function forms(answer = TOKENS) {
  const server = await record(() => json(answer));
  return { ...server, form: (n = 0) => new URLSearchParams(server.requests[n].body) };
}

test("login, a call, a renewal and a call are all as the vendor asks", async () => {
  const client = await create(KASSA);
  const before = Date.now();
  const session = await client.login(ACCOUNTS[KASSA]);
  assert.equal(session.provider, KASSA);
  assert.equal(session.subject, "120041");
  assert.deepEqual(session.scope, ["read", "write"]);
  assert.equal(session.renewable, true);
  assert.deepEqual(session.details, {});
  assert.ok(session.expiresAt >= before + 43_199_000 && session.expiresAt <= Date.now() + 43_199_000);
  assert.equal((await (await client.fetch(GOODS[KASSA])).json()).user_id, 120041);
  await client.refresh();
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
  allOk(await box.journal(KASSA), ["login", "api", "refresh", "api"]);
});

test("the login's form holds these six fields and no more", async () => {
  const { origin, requests, form } = await forms();
  const client = await make({ provider: KASSA, baseUrl: `${origin}/cashdesk-api/v1` });
  await client.login({ username: "79990000001", password: "test" });
  const [{ method, url, headers, body }] = requests;
  assert.equal(`${method} ${url}`, "POST /cashdesk-api/v1/oauth/token");
  assert.match(headers["content-type"] ?? "", /^application\/x-www-form-urlencoded\b/);
  assert.deepEqual(Object.fromEntries(form()), {
    grant_type: "password",
    username: "79990000001",
    password: "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
    client_id: "cashdesk-rest-client",
    client_secret: "cashdesk-rest-client",
  });
  assert.match(body, /password=n4bQgYhMfWWaL%2BqgxVrQFaO%2FTxsrC4Is0V1sFbDwCgg%3D(&|$)/);
  await client.refresh();
  assert.deepEqual(Object.fromEntries(form(1)), {
    grant_type: "refresh_token",
    refresh_token: "r",
    client_id: "cashdesk-rest-client",
    client_secret: "cashdesk-rest-client",
  });
});

for (const [password, standard, url] of [
  ["test", "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=", "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"],
  ["secret", "K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=", "K7gNU3sdo-OL0wNhqoVWhr3g6s1xYv72ol_pe_Unols"],
  ["пароль", "LbxXTaylJomiT7YOg1+MGaNkAIMN9zUIWd0y0auq7F0=", "LbxXTaylJomiT7YOg1-MGaNkAIMN9zUIWd0y0auq7F0"],
]) {
  test(`the password ${password} is sent as its known digest, in both encodings`, async () => {
    const { origin, form } = await forms();
    for (const [n, [passwordEncoding, digest]] of Object.entries([
      [undefined, standard],
      ["base64", standard],
      ["base64url", url],
    ])) {
      const client = await make({ provider: KASSA, baseUrl: origin, ...(passwordEncoding && { passwordEncoding }) });
      await client.login({ username: "79990000001", password });
      assert.equal(form(Number(n)).get("password"), digest);
    }
  });
}

rows("the digest of a password is right, wherever its blocks end", [55, 56, 63, 64, 65, 119, 120, 65536], async (length) => {
  const { origin, form } = await forms();
  const client = await make({ provider: KASSA, baseUrl: origin });
  const password = "x".repeat(length);
  await client.login({ username: "79990000001", password });
  assert.equal(form().get("password"), createHash("sha256").update(password).digest("base64"));
});

test("a Cyrillic password signs in", async () => {
  const client = await create(KASSA);
  assert.equal((await client.login({ username: "79990000004", password: "пароль" })).subject, "120044");
});

rows("a phone is understood in all usual ways of writing it", ["79990000001", "+79990000001", "89990000001", "+7 (999) 000-00-01", "8 999 000 00 01", "7-999-000-00-01", " 79990000001 "], async (username) => {
  const client = await create(KASSA);
  assert.equal((await client.login({ username, password: "secret" })).subject, "120041");
  allOk(await box.journal(KASSA), ["login"]);
});

rows("what is no phone is refused before anything is sent", ["", "ivanov", "7999000000", "799900000011", "19990000001", "+1 999 000 00 01", "7999000000a", "7 999 000 00 01 доб. 5"], async (username) => {
  const client = await create(KASSA);
  const error = await failure(client.login({ username, password: "secret" }));
  assert.equal(error.code, "invalid_input");
  assert.ok(username === "" || !JSON.stringify([error, error.message, error.stack]).includes(username));
  assert.equal(await box.total(), 0);
});

test("other client credentials are sent, and their refusal is invalid_client", async () => {
  const client = await create(KASSA, { clientId: "other", clientSecret: "x" });
  const error = await failure(client.login(ACCOUNTS[KASSA]));
  assert.equal(error.code, "invalid_client");
  assert.equal(error.status, 401);
  assert.equal(error.providerCode, "invalid_client");
});

test("a wrong password is invalid_credentials, with the provider's own words", async () => {
  const client = await create(KASSA);
  const error = await failure(client.login({ username: "79990000001", password: "wrong" }));
  assert.deepEqual(
    [error.code, error.status, error.providerCode, error.providerMessage, error.provider, error.retryable, error.retryAfter],
    ["invalid_credentials", 400, "invalid_grant", "Bad credentials", KASSA, false, null],
  );
  assert.equal(client.session, null);
  assert.deepEqual(await box.counts(KASSA), { login: 1 });
});

test("the misprinted key of the vendor's sample disturbs nothing", async () => {
  await box.options(KASSA, { answerStyle: "misprint" });
  const client = await create(KASSA);
  const session = await client.login(ACCOUNTS[KASSA]);
  assert.equal(session.renewable, true);
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
});

test("a refresh answer without a refresh token keeps the old one", async () => {
  const client = await signedIn(KASSA);
  await box.options(KASSA, { omitRefreshToken: true });
  assert.equal((await client.refresh()).renewable, true);
  assert.equal((await client.refresh()).renewable, true);
  allOk(await box.journal(KASSA), ["refresh", "refresh"]);
});

test("a refresh token that rotates is never sent twice", async () => {
  const client = await signedIn(KASSA);
  for (let n = 0; n < 5; n += 1) await client.refresh();
  const { spent, maxSpends, reuseDetected } = await box.families(KASSA);
  assert.deepEqual({ spent, maxSpends, reuseDetected }, { spent: 5, maxSpends: 1, reuseDetected: 0 });
});

test("the documented lifetime counts from the moment of the request", async () => {
  const time = clock(1_700_000_000_000);
  const client = await create(KASSA, { now: time.now });
  assert.equal((await client.login(ACCOUNTS[KASSA])).expiresAt, 1_700_000_000_000 + 43_199_000);
  await box.clear();
  time.pass(43_199_000 - 61_000);
  await client.fetch(GOODS[KASSA]);
  assert.deepEqual(await box.counts(KASSA), { api: 1 });
  time.pass(2000);
  await client.fetch(GOODS[KASSA]);
  assert.deepEqual(await box.counts(KASSA), { api: 2, refresh: 1 });
});

test("a token that the API refuses from the start is renewed, and the call repeated", async () => {
  const client = await create(KASSA);
  await client.login({ username: "79990000003", password: "secret" });
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
  assert.deepEqual(await box.counts(KASSA), { login: 1, api: 2, refresh: 1 });
});

test("second factor: wrong code, then the right one", async () => {
  const client = await create(KASSA);
  const reasons = changes(client);
  assert.equal((await failure(client.login(SECOND_FACTOR))).code, "second_factor_required");
  assert.equal(client.session, null);
  const wrong = await failure(client.confirm("000000"));
  assert.deepEqual([wrong.code, wrong.status, wrong.providerCode], ["invalid_second_factor", 400, "invalid_grant"]);
  assert.equal((await client.confirm("123456")).subject, "120042");
  assert.deepEqual(reasons, ["login"]);
  assert.deepEqual(await box.counts(KASSA), { login: 1, confirm: 2 });
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
  assert.equal((await failure(client.confirm("123456"))).code, "invalid_input");
});

test("a trace masks secrets in the query; the rest of the address stays readable, however short a code is", async () => {
  const { traces, hooks } = spies();
  const client = await create(KASSA, hooks);
  await failure(client.login(SECOND_FACTOR));
  await failure(client.confirm("1"));
  const url = `${box.services[KASSA].baseUrl}/oauth/token`;
  assert.deepEqual(traces.map((record) => record.url), [url, url]);
});

test("confirm without a login that asked for it sends nothing", async () => {
  const client = await create(KASSA);
  assert.equal((await failure(client.confirm("123456"))).code, "invalid_input");
  await failure(client.login({ username: "79990000001", password: "wrong" }));
  assert.equal((await failure(client.confirm("123456"))).code, "invalid_input");
  assert.deepEqual(await box.counts(KASSA), { login: 1 });
});

test("logout, and a login of somebody else, end a second step that waits", async () => {
  const client = await create(KASSA);
  await failure(client.login(SECOND_FACTOR));
  await client.logout();
  assert.equal((await failure(client.confirm("123456"))).code, "invalid_input");
  await failure(client.login(SECOND_FACTOR));
  await client.login(ACCOUNTS[KASSA]);
  assert.equal((await failure(client.confirm("123456"))).code, "invalid_input");
});

rows("a code of the second step that is none is refused here", ["", 123456, null, undefined, "\ud800", "1".repeat(65537)], async (code) => {
  const client = await create(KASSA);
  await failure(client.login(SECOND_FACTOR));
  assert.equal((await failure(client.confirm(/** @type {any} */ (code)))).code, "invalid_input");
  assert.deepEqual(await box.counts(KASSA), { login: 1 });
});

rows("an answer that asks for a second factor, by each of its codes and statuses", ["mfa_required", "two_factor_required", "2fa_required", "otp_required", "second_factor_required"].flatMap((code) => [400, 401, 403].map((status) => /** @type {const} */ ([code, status]))), async ([code, status]) => {
  await box.fault(KASSA, "login", { kind: "status", status, body: JSON.stringify({ error: code }) });
  const client = await create(KASSA);
  const error = await failure(client.login(SECOND_FACTOR));
  assert.deepEqual([error.code, error.status, error.providerCode], ["second_factor_required", status, code]);
  assert.equal((await client.confirm("123456")).subject, "120042");
});

test("the option secondFactor replaces the guess", async () => {
  const { origin, requests, form } = await forms({ ...TOKENS, access_token: "", mfa: { type: "sms" } });
  const secondFactor = {
    when: { status: 200, path: "mfa.type", equals: "sms" },
    request: { url: "oauth/second", form: { grant_type: "sms", user: "{username}", digest: "{password|sha256|hex}", sms: "{second_factor}" } },
  };
  const client = await make({ provider: KASSA, baseUrl: origin, secondFactor });
  assert.equal((await failure(client.login({ username: "79990000002", password: "test" }))).code, "second_factor_required");
  await failure(client.confirm("42"));
  assert.equal(requests[1].url, "/oauth/second");
  const digest = createHash("sha256").update("test").digest("hex");
  assert.deepEqual(Object.fromEntries(form(1)), { grant_type: "sms", user: "79990000002", digest, sms: "42" });

  await box.fault(KASSA, "login", { kind: "status", status: 400, body: JSON.stringify({ error: "mfa_required" }) });
  const other = await create(KASSA, { secondFactor });
  assert.equal((await failure(other.login(SECOND_FACTOR))).code, "invalid_request");
});
