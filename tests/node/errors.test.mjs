/** Which answer gives which code. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS, SECOND_FACTOR } from "../support/sandbox.mjs";
import { CALLBACK, changes, consent, failure, suite } from "../support/suite.mjs";

const KASSA = "bifit-kassa";
const { box, create, signedIn } = await suite();

/** @param {number} status @param {string | null} [code] */
const answer = (status, code, times = 1) => ({
  kind: "status",
  status,
  times,
  ...(code && { body: JSON.stringify({ error: code, error_description: `about ${code}` }) }),
});

/** One of each kind; the table beside the reader of problems holds the others, for every purpose. */
const ANY = /** @type {const} */ ([
  [400, "invalid_client", "invalid_client"],
  [401, "invalid_client", "invalid_client"],
  [400, "something_of_its_own", "invalid_request"],
  [400, "temporarily_unavailable", "server_error"],
  [429, null, "rate_limited"],
  [503, null, "server_error"],
  [404, null, "invalid_response"],
  [400, null, "invalid_response"],
]);

const LOGIN = /** @type {const} */ ([
  [400, "invalid_grant", "invalid_credentials"],
  [401, null, "invalid_credentials"],
  [403, null, "access_denied"],
]);

for (const [status, code, ours] of [...ANY, ...LOGIN]) {
  test(`login: ${status} ${code ?? "without a code"} is ${ours}`, async () => {
    await box.fault(KASSA, "login", answer(status, code, -1));
    const client = await create(KASSA, { retries: 0 });
    const error = await failure(client.login(ACCOUNTS[KASSA]));
    assert.deepEqual([error.code, error.status, error.providerCode], [ours, status, code]);
    assert.equal(error.providerMessage, code && `about ${code}`);
    assert.equal(error.retryable, ours === "rate_limited" || ours === "server_error");
    if (status === 404) assert.match(error.hint, /baseUrl/);
    assert.equal(client.session, null);
    assert.deepEqual(await box.counts(KASSA), { login: 1 });
  });
}

for (const [status, code, ours] of [
  ...ANY,
  /** @type {const} */ ([400, "invalid_grant", "invalid_second_factor"]),
  /** @type {const} */ ([401, null, "invalid_second_factor"]),
]) {
  test(`confirm: ${status} ${code ?? "without a code"} is ${ours}`, async () => {
    await box.fault(KASSA, "confirm", answer(status, code, -1));
    const client = await create(KASSA, { retries: 0 });
    await failure(client.login(SECOND_FACTOR));
    const error = await failure(client.confirm("123456"));
    assert.deepEqual([error.code, error.status, error.providerCode], [ours, status, code]);
    assert.equal(client.session, null);
  });
}

for (const [status, code, ours] of [...ANY, /** @type {const} */ ([403, null, null])]) {
  test(`refresh: ${status} ${code ?? "without a code"} keeps the session`, async () => {
    const client = await signedIn(KASSA, { retries: 0 });
    const { session } = client;
    await box.fault(KASSA, "refresh", answer(status, code));
    const error = await failure(client.refresh());
    if (ours) assert.equal(error.code, ours);
    assert.notEqual(error.code, "login_required");
    assert.deepEqual([error.status, error.providerCode], [status, code]);
    assert.equal(client.session, session);
    assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
    assert.equal((await client.refresh()).subject, "120041");
  });
}

for (const [status, code] of /** @type {const} */ ([
  [400, "invalid_grant"],
  [401, "invalid_token"],
  [401, null],
])) {
  test(`refresh: ${status} ${code ?? "without a code"} ends the session, once`, async () => {
    const client = await signedIn(KASSA);
    const reasons = changes(client);
    await box.fault(KASSA, "refresh", answer(status, code));
    const error = await failure(client.refresh());
    assert.deepEqual([error.code, error.status, error.providerCode], ["login_required", status, code]);
    assert.equal(client.session, null);
    assert.deepEqual(reasons, ["expire"]);
    assert.equal((await failure(client.refresh())).code, "login_required");
    assert.equal((await failure(client.getAccessToken())).code, "login_required");
    assert.equal((await failure(client.fetch(GOODS[KASSA]))).code, "login_required");
    assert.deepEqual(reasons, ["expire"]);
    assert.deepEqual(await box.counts(KASSA), { refresh: 1 });
  });
}

for (const [status, code, ours] of [
  ...ANY,
  /** @type {const} */ ([400, "invalid_grant", "code_expired"]),
  /** @type {const} */ ([200, "invalid_grant", "code_expired"]),
]) {
  test(`exchange: ${status} ${code ?? "without a code"} is ${ours}`, async () => {
    const client = await create("bstats", { retries: 0 });
    const back = await consent(await client.authorizationUrl());
    await box.fault("bstats", "exchange", { ...answer(status, code), contentType: "text/html; charset=utf-8" });
    const error = await failure(client.handleRedirect(back));
    assert.deepEqual([error.code, error.status, error.providerCode], [ours, status, code]);
    assert.equal(client.session, null);
  });
}

for (const [error, code] of [
  ["access_denied", "access_denied"],
  ["temporarily_unavailable", "server_error"],
  ["its_own", "invalid_request"],
]) {
  test(`callback: error=${error} is ${code}, and nothing is sent`, async () => {
    const client = await create("bstats");
    await client.authorizationUrl();
    const url = `${CALLBACK}?${new URLSearchParams({ error, error_description: "no" })}`;
    const refused = await failure(client.handleRedirect(url));
    assert.deepEqual([refused.code, refused.providerCode, refused.providerMessage, refused.status], [code, error, "no", null]);
    assert.equal(await box.total(), 0);
  });
}

for (const [status, code, ours] of /** @type {const} */ ([
  [401, "unauthorized", "invalid_token"],
  [403, null, "insufficient_scope"],
  [429, null, "rate_limited"],
])) {
  test(`check: ${status} ${code ?? "without a code"} is ${ours}, and the session stays`, async () => {
    const client = await signedIn("invoicebox", { retries: 0 });
    const { session } = client;
    const body = code ? JSON.stringify({ error: { code, message: "no" } }) : "";
    await box.fault("invoicebox", "check", { kind: "status", status, body });
    const error = await failure(client.check());
    assert.deepEqual([error.code, error.status, error.providerCode], [ours, status, code]);
    assert.equal(client.session, session);
    assert.equal((await client.check()).subject, session.subject);
  });
}

test("problem: the status and the provider's code, from a clone", async () => {
  const client = await signedIn(KASSA);
  for (const [status, code, ours] of /** @type {const} */ ([
    [401, null, "invalid_token"],
    [400, "invalid_token", "invalid_token"],
    [403, null, "insufficient_scope"],
    [400, "insufficient_scope", "insufficient_scope"],
    [429, null, "rate_limited"],
    [500, null, "server_error"],
    [404, null, "invalid_response"],
    [422, "its_own", "invalid_request"],
  ])) {
    const body = code ? JSON.stringify({ error: code, error_description: "no" }) : "";
    const response = new Response(body, { status, headers: { "content-type": "application/json" } });
    const error = await client.problem(response);
    assert.deepEqual([error?.code, error?.status, error?.providerCode], [ours, status, code]);
    assert.equal(await response.text(), body);
  }
  assert.equal(await client.problem(new Response('{"ok":true}')), null);
  assert.equal(await client.problem(new Response("")), null);
  assert.equal(await client.problem(new Response(null, { status: 204 })), null);
});
