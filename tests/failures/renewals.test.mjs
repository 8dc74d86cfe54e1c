/** Rows 3, 4 and 5 of the failure table: what a renewal may be answered with. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { changes, failure, memory, suite } from "../support/suite.mjs";
import { shared } from "../support/stores.mjs";
import { json } from "../support/recorder.mjs";

const [KASSA, SMARTS] = /** @type {const} */ (["bifit-kassa", "mobile-smarts"]);
const { box, create, make, record, signedIn } = await suite();

for (const service of [KASSA, SMARTS]) {
  test(`3. Refresh answer omits refresh_token: old kept (${service})`, async () => {
    await box.options(service, { omitRefreshToken: true });
    const storage = memory();
    const client = await signedIn(service, { storage });
    for (let n = 1; n <= 3; n += 1) {
      assert.equal((await client.refresh()).renewable, true);
      assert.equal((await client.fetch(GOODS[service])).status, 200);
    }
    const next = await create(service, { storage });
    await next.refresh();
    assert.deepEqual(await box.counts(service), { refresh: 4, api: 3 });
    assert.equal((await box.families(service)).maxSpends, 4);
  });
}

for (const given of [undefined, null, ""]) {
  test(`3. Refresh answer omits refresh_token: ${JSON.stringify(given)} in its place counts as none`, async () => {
    const { origin, requests } = await record((_, n) => json({ access_token: `a${n}`, refresh_token: n === 1 ? "the-first" : given, expires_in: 3600 }));
    const client = await make({ provider: KASSA, baseUrl: origin });
    await client.login(ACCOUNTS[KASSA]);
    await client.refresh();
    await client.refresh();
    assert.deepEqual(requests.slice(1).map(({ body }) => new URLSearchParams(body).get("refresh_token")), ["the-first", "the-first"]);
    assert.equal(await client.getAccessToken(), "a3");
  });
}

const OAUTH = (/** @type {string} */ error) => ({ body: JSON.stringify({ error, error_description: "x" }), contentType: "application/json" });

/** @type {[string, Record<string, unknown>, string, number | null][]} */
const TROUBLE = [
  ["429", { kind: "status", status: 429 }, "rate_limited", 429],
  ["429 with an OAuth error", { kind: "status", status: 429, ...OAUTH("invalid_grant") }, "rate_limited", 429],
  ["500", { kind: "status", status: 500 }, "server_error", 500],
  ["502 HTML", { kind: "status", status: 502, body: "<html><h1>Bad Gateway</h1></html>", contentType: "text/html" }, "server_error", 502],
  ["503 JSON", { kind: "status", status: 503, body: '{"message":"maintenance"}', contentType: "application/json" }, "server_error", 503],
  ["503 with an OAuth error of a server that fails", { kind: "status", status: 503, ...OAUTH("temporarily_unavailable") }, "server_error", 503],
  ["503 with an OAuth error that would be final", { kind: "status", status: 503, ...OAUTH("invalid_grant") }, "server_error", 503],
  ["time-out", { kind: "hold" }, "timeout", null],
  ["time-out in the body", { kind: "stall", handled: false }, "timeout", null],
  ["connection reset", { kind: "reset" }, "network", null],
  ["truncated JSON", { kind: "body", body: '{"access_token":"abc","refresh', handled: false }, "invalid_response", 200],
  ["a body cut off by the connection", { kind: "truncate" }, "network", null],
];

/** @type {[string, number, (client: import("propusk").AuthClient<any>) => Promise<unknown>][]} */
const ASKING = [
  ["by a call of the API", 0, (client) => client.fetch(GOODS[KASSA])],
  ["by refresh, with a repetition", 1, (client) => client.refresh()],
];

for (const [what, fault, code, status] of TROUBLE) {
  for (const [how, retries, ask] of ASKING) {
    test(`4. Refresh gets ${what}: session kept, right class, next call may retry (${how})`, async () => {
      // What was cut off has been carried out: such a server has to bear with the repetition.
      if (fault.kind === "truncate") await box.options(KASSA, { grace: 60 });
      const storage = memory();
      const client = await signedIn(KASSA, { retries, storage, timeout: 400 });
      const [stored] = [...storage.map.values()];
      const { session } = client;
      const reasons = changes(client);
      await box.expire(KASSA);
      await box.fault(KASSA, "refresh", { ...(fault.kind === "status" && { headers: { "retry-after": "0" } }), ...fault, times: -1 });
      const error = await failure(ask(client));
      assert.deepEqual([error.code, error.status], [code, status], error.message);
      assert.equal(error.retryable, code !== "invalid_response");
      assert.equal(client.session, session);
      assert.deepEqual([reasons, [...storage.map.values()]], [[], [stored]]);
      await box.healed();
      await box.release(KASSA);
      assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
      assert.deepEqual(reasons, ["refresh"]);
    });
  }
}

/** @type {[string, Record<string, unknown>][]} */
const FINAL = [
  ["400 invalid_grant", { kind: "status", status: 400, ...OAUTH("invalid_grant") }],
  ["401 invalid_grant", { kind: "status", status: 401, ...OAUTH("invalid_grant") }],
  ["401 without a body", { kind: "status", status: 401 }],
  ["400 invalid_token", { kind: "status", status: 400, ...OAUTH("invalid_token") }],
  ["200 with invalid_grant", { kind: "status", status: 200, ...OAUTH("invalid_grant") }],
];

for (const [what, fault] of FINAL) {
  test(`5. invalid_grant: session cleared once, one event (${what})`, async () => {
    const storage = shared();
    const client = await signedIn(KASSA, { storage });
    const other = await create(KASSA, { storage });
    const [reasons, others] = [changes(client), changes(other)];
    await box.expire(KASSA);
    await box.fault(KASSA, "refresh", { ...fault, times: -1 });
    const waiting = Array.from({ length: 30 }, (_, n) => failure(n % 2 ? client.fetch(GOODS[KASSA]) : client.refresh()));
    const errors = await Promise.all(waiting);
    assert.deepEqual(new Set(errors.map(({ code }) => code)), new Set(["login_required"]));
    assert.deepEqual([client.session, reasons, storage.map.size], [null, ["expire"], 0]);
    const sent = (await box.counts(KASSA)).refresh;
    assert.equal(sent, 1);
    for (const call of [() => client.fetch("x"), () => client.getAccessToken(), () => client.refresh(), () => other.fetch("x")]) {
      assert.equal((await failure(call())).code, "login_required");
    }
    assert.deepEqual([other.session, others], [null, ["sync"]]);
    assert.equal((await box.counts(KASSA)).refresh, sent, "nothing is sent for a session that is over");
    await box.healed();
    await client.login(ACCOUNTS[KASSA]);
    assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
    assert.deepEqual(reasons, ["expire", "login"]);
  });
}
