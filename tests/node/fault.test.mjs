/** Whose turn it is after an error. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS, SECOND_FACTOR } from "../support/sandbox.mjs";
import { CALLBACK, consent, failure, spies, suite } from "../support/suite.mjs";
import { broken } from "../support/stores.mjs";

const KASSA = "bifit-kassa";
const { propusk, box, create, signedIn } = await suite();

/** @type {Record<import("propusk").AuthErrorCode, string>} */
const FAULTS = {
  invalid_config: "caller",
  invalid_input: "caller",
  insecure_url: "caller",
  origin_not_allowed: "caller",
  unsupported: "caller",
  closed: "caller",
  invalid_client: "caller",
  invalid_request: "caller",
  invalid_scope: "caller",
  unsupported_grant_type: "caller",
  aborted: "caller",
  invalid_credentials: "user",
  second_factor_required: "user",
  invalid_second_factor: "user",
  access_denied: "user",
  login_required: "user",
  state_mismatch: "user",
  redirect_unexpected: "user",
  code_expired: "user",
  issuer_mismatch: "user",
  invalid_token: "user",
  insufficient_scope: "user",
  rate_limited: "provider",
  server_error: "provider",
  invalid_response: "provider",
  network: "network",
  timeout: "network",
  storage: "storage",
};

/** @param {number} status @param {string} [error] */
const answer = (status, error) => ({ kind: "status", status, times: -1, ...(error && { body: JSON.stringify({ error }) }) });

/** @param {Record<string, unknown>} fault */
async function refused(fault) {
  await box.fault(KASSA, "login", fault);
  return failure((await create(KASSA, { retries: 0 })).login(ACCOUNTS[KASSA]));
}

/** How each code comes about. @type {Partial<Record<import("propusk").AuthErrorCode, () => Promise<any>>>} */
const WAYS = {
  invalid_config: () => failure(propusk.AuthClient.create(/** @type {any} */ ({ provider: "nobody" }))),
  invalid_input: async () => failure((await create(KASSA)).login(/** @type {any} */ ({}))),
  insecure_url: () => failure(propusk.AuthClient.create({ provider: KASSA, baseUrl: "http://kassa.example/" })),
  origin_not_allowed: async () => failure((await signedIn(KASSA)).fetch("https://other.example/")),
  unsupported: async () => failure((await create(KASSA)).authorizationUrl()),
  closed: async () => {
    const client = await create(KASSA);
    client.close();
    return failure(client.refresh());
  },
  invalid_client: () => refused(answer(401, "invalid_client")),
  invalid_request: () => refused(answer(400, "invalid_request")),
  invalid_scope: () => refused(answer(400, "invalid_scope")),
  unsupported_grant_type: () => refused(answer(400, "unsupported_grant_type")),
  aborted: async () => {
    const client = await signedIn(KASSA);
    await box.fault(KASSA, "refresh", { kind: "hold" });
    const renewal = failure(client.refresh());
    await box.held(KASSA);
    await client.logout();
    await box.release(KASSA);
    return renewal;
  },
  invalid_credentials: async () => failure((await create(KASSA)).login({ ...ACCOUNTS[KASSA], password: "wrong" })),
  second_factor_required: async () => failure((await create(KASSA)).login(SECOND_FACTOR)),
  invalid_second_factor: async () => {
    const client = await create(KASSA);
    await failure(client.login(SECOND_FACTOR));
    return failure(client.confirm("000000"));
  },
  access_denied: () => refused(answer(403)),
  login_required: async () => failure((await create(KASSA)).getAccessToken()),
  redirect_unexpected: async () => failure((await create("bstats")).handleRedirect(`${CALLBACK}?code=evil`)),
  code_expired: async () => {
    const client = await create("bstats");
    const back = await consent(await client.authorizationUrl());
    await box.fault("bstats", "exchange", answer(400, "invalid_grant"));
    return failure(client.handleRedirect(back));
  },
  invalid_token: async () => (await signedIn(KASSA)).problem(new Response("", { status: 401 })),
  insufficient_scope: async () => (await signedIn(KASSA)).problem(new Response("", { status: 403 })),
  rate_limited: () => refused(answer(429)),
  server_error: () => refused(answer(500)),
  invalid_response: () => refused({ kind: "body", body: "<html></html>" }),
  network: async () => failure((await create(KASSA, { fetch: () => Promise.reject(new TypeError("no")), retries: 0 })).login(ACCOUNTS[KASSA])),
  timeout: async () => failure((await create(KASSA, { fetch: () => new Promise(() => {}), timeout: 20, retries: 0 })).login(ACCOUNTS[KASSA])),
  storage: async () => {
    const { warnings, hooks } = spies();
    await create(KASSA, { storage: broken({ get: () => Promise.reject(new Error("no disk")) }), ...hooks });
    return warnings[0];
  },
};

for (const fault of new Set(Object.values(FAULTS))) {
  test(`which errors are the ${fault}'s turn`, async () => {
    for (const [code, way] of Object.entries(WAYS).filter(([code]) => FAULTS[code] === fault)) {
      await box.reset();
      const error = await way();
      assert.equal(error.code, code);
      assert.deepEqual([error.fault, error.toJSON().fault], [fault, fault], code);
      assert.ok(error.hint === null || error.hint.length > 0, code);
    }
  });
}

test("an API call that the provider refuses is no error of ours, so nobody's turn", async () => {
  const client = await signedIn(KASSA, { retries: 0 });
  assert.equal(await client.problem(await client.fetch(GOODS[KASSA])), null);
});
