/** Faults of every kind, and what propusk makes of them. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { CALLBACK, GOODS, account, client, consent, open, purposes, signedIn, until } from "./support/box.mjs";

const KASSA = "bifit-kassa";
const HTML = "<html><body>Maintenance</body></html>";

/** One login without repetitions, spoilt. @param {Parameters<import("propusk-sandbox").Sandbox["fault"]>[1]} fault @param {object} [options] */
async function login(fault, options) {
  const box = await open();
  const made = await client(box, KASSA, { retries: 0, ...options });
  box.fault(KASSA, fault);
  const outcome = await made.login(account(box, KASSA).credentials).then(
    () => "signed in",
    (error) => error,
  );
  return { box, made, outcome };
}

/** @type {[string, Parameters<import("propusk-sandbox").Sandbox["fault"]>[1], object, number][]} */
const FAULTS = [
  ["nothing said of it", {}, { code: "server_error", status: 503 }, 503],
  ["a status", { status: 500 }, { code: "server_error", status: 500 }, 500],
  ["the kind spelt out", { kind: "status", status: 502 }, { code: "server_error", status: 502 }, 502],
  ["too many requests, seconds to wait", { status: 429, retryAfter: 7 }, { code: "rate_limited", status: 429, retryAfter: 7000 }, 429],
  ["time to wait as text", { status: 503, retryAfter: "9" }, { code: "server_error", retryAfter: 9000 }, 503],
  ["an error of OAuth", { status: 400, body: '{"error":"invalid_client"}' }, { code: "invalid_client", status: 400 }, 400],
  ["a page in the place of JSON", { body: HTML, contentType: "text/html" }, { code: "invalid_response", status: 200 }, 200],
  ["a page with a status", { status: 503, body: HTML, contentType: "text/html" }, { code: "server_error", status: 503 }, 503],
  ["a connection that breaks off", { kind: "reset" }, { code: "network", status: null }, 0],
  ["half of the body", { kind: "cut" }, { code: "network" }, 200],
  ["half of another body", { kind: "cut", status: 200, body: '{"access_token":"abcdef","expires_in":60}' }, { code: "network" }, 200],
  ["another answer, late", { kind: "slow", status: 500 }, { code: "server_error", status: 500 }, 500],
];

for (const [what, fault, expected, status] of FAULTS) {
  test(`a login: ${what}`, async () => {
    const { box, made, outcome } = await login(fault);
    for (const [name, value] of Object.entries(expected)) assert.equal(/** @type {any} */ (outcome)[name], value, `${name}: ${outcome}`);
    assert.deepEqual(box.requests(), [{ service: KASSA, method: "POST", path: "/cashdesk-api/v1/oauth/token", status, purpose: "login", refused: null }]);
    assert.equal((await made.login(account(box, KASSA).credentials)).provider, KASSA, "once, and no more");
  });
}

test("slow: the good answer comes, a second late", async () => {
  const box = await open();
  const made = await client(box, KASSA, { retries: 0 });
  box.fault(KASSA, { purpose: "login", kind: "slow" });
  const began = performance.now();
  await made.login(account(box, KASSA).credentials);
  assert.ok(performance.now() - began > 990);
});

test("hang: no answer comes, and who goes on waiting is cut off by a reset", async () => {
  const box = await open();
  box.fault(KASSA, { kind: "hang", times: Infinity });
  // On a busy machine a client may have given up before its request was there.
  for (let timeout = 300; box.requests().length === 0; timeout *= 2) {
    const made = await client(box, KASSA, { retries: 0, timeout });
    await assert.rejects(made.login(account(box, KASSA).credentials), { code: "timeout" });
  }
  const waiting = fetch(`${box.urls[KASSA]}/protected/goods`).then(
    () => "answered",
    () => "cut off",
  );
  await until(() => purposes(box).includes("api"));
  for (const { status, refused } of box.requests()) assert.deepEqual([status, refused], [0, null]);
  box.reset();
  assert.equal(await waiting, "cut off");
});

test("cut: exactly half of what is announced arrives", async () => {
  const box = await open();
  box.fault("invoicebox", { kind: "cut", body: "0123456789" });
  const { host, hostname, port } = new URL(box.urls.invoicebox);
  const socket = connect(Number(port), hostname);
  socket.end(`GET /v3/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  let text = "";
  for await (const chunk of socket) text += chunk;
  assert.match(text, /^HTTP\/1\.1 200 .*\r\ncontent-length: 10\r\n.*\r\n\r\n01234$/s);
});

test("reset: the connection ends without a byte", async () => {
  const box = await open();
  box.fault("invoicebox", { kind: "reset" });
  await assert.rejects(fetch(box.urls.invoicebox), (/** @type {any} */ error) => error.cause.code === "ECONNRESET");
});

test("a fault is for its purpose alone, and for so many of them", async () => {
  const box = await open();
  const made = await signedIn(box, KASSA, { retries: 0 });
  box.fault(KASSA, { purpose: "refresh", status: 500 });
  box.fault(KASSA, { purpose: "api", status: 503, times: 3 });
  const statuses = [];
  for (let call = 0; call < 4; call += 1) statuses.push((await made.fetch(GOODS[KASSA])).status);
  assert.deepEqual(statuses, [503, 503, 503, 200]);
  await assert.rejects(made.refresh(), { code: "server_error" });
  await made.refresh();
});

test("without a purpose any request fails, in the order that the faults were given", async () => {
  const box = await open();
  const made = await client(box, KASSA, { retries: 0 });
  box.fault(KASSA, { status: 500 });
  box.fault(KASSA, { purpose: "login", status: 429 });
  box.fault(KASSA, { status: 502, times: Infinity });
  const { credentials } = account(box, KASSA);
  for (const status of [500, 429, 502, 502, 502]) await assert.rejects(made.login(credentials), { status });
  box.fault(KASSA, { status: 400, times: 0 });
  await assert.rejects(made.login(credentials), { status: 502 });
  box.reset();
  await made.login(credentials);
});

test("another service's requests go on as ever", async () => {
  const box = await open();
  box.fault("smart-satu", { kind: "hang", times: Infinity });
  for (const service of /** @type {const} */ (["bifit-kassa", "invoicebox", "mobile-smarts", "bstats"])) await signedIn(box, service);
});

test("purposes of the services that have them: a check, an exchange, a login for a renewal", async () => {
  const box = await open();
  box.fault("invoicebox", { purpose: "check", status: 500 });
  await assert.rejects(signedIn(box, "invoicebox", { retries: 0 }), { code: "server_error" });

  const made = await client(box, "bstats", { retries: 0 });
  box.fault("bstats", { purpose: "exchange", body: '{"error":"invalid_grant","error_description":"no"}' });
  const back = await consent(await made.authorizationUrl(), account(box, "bstats").credentials);
  assert.ok(back.startsWith(`${CALLBACK}?code=`), back);
  await assert.rejects(made.handleRedirect(back), { code: "code_expired" });

  const { credentials } = account(box, "smart-satu");
  const satu = await client(box, "smart-satu", { retries: 0, credentials: () => credentials });
  await satu.login(credentials);
  box.fault("smart-satu", { purpose: "login", status: 503 });
  await assert.rejects(satu.refresh(), { code: "server_error" });
  await satu.refresh();
});

describe("a renewal that is spoilt ends no session", () => {
  const KINDS = /** @type {const} */ (["status", "reset", "slow", "cut"]);
  for (const kind of KINDS) {
    test(kind, async () => {
      // What is cut off has been carried out: such a service has to bear with the repetition.
      const box = await open({ grace: 60 });
      const made = await signedIn(box, KASSA);
      box.expire(KASSA);
      box.fault(KASSA, { purpose: "refresh", kind });
      assert.equal((await made.fetch(GOODS[KASSA])).status, 200);
      assert.deepEqual(purposes(box), ["login", "api", ...(kind === "slow" ? ["refresh"] : ["refresh", "refresh"]), "api"]);
    });
  }
});

test("what a service found wrong is told even where its answer is cut", async () => {
  const box = await open();
  box.fault(KASSA, { kind: "cut" });
  const made = await client(box, KASSA, { retries: 0 });
  await assert.rejects(made.login({ username: "79990000001", password: "wrong" }), { code: "network" });
  assert.deepEqual(box.requests().map(({ status, refused }) => [status, refused]), [[400, "another password"]]);
});
