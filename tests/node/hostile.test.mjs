/** Answers that no good server gives: refused as a whole, nothing stored, the earlier session kept, the client usable. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { after, test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { record } from "../support/recorder.mjs";
import { changes, consent, failure, memory, suite } from "../support/suite.mjs";

const { box, create, signedIn } = await suite();
const foreign = await record();
after(foreign.stop);

/** A JSON answer whose access token is written as `token`. @param {string} token */
const telling = (token) => `{"access_token":${token},"expires_in":3600,"x":"planted-secret"}`;
const GOOD = telling('"abc"');

/**
 * One answer of each kind; the tables beside the reader hold the others.
 *
 * @type {Record<string, Record<string, unknown>>}
 */
const HOSTILE = {
  "an empty body": { kind: "body", body: "" },
  "status 204": { kind: "status", status: 204 },
  "a page": { kind: "body", body: "<!doctype html><html><body>Maintenance planted-secret</body></html>", contentType: "text/html" },
  "cut JSON": { kind: "body", body: GOOD.slice(0, -1) },
  "another shape": { kind: "body", body: '{"data":{"access_token":"abc"},"token":"abc"}' },
  "a prototype": { kind: "body", body: '{"__proto__":{"access_token":"abc","Access_token":"abc"}}' },
  "a token that fits no header": { kind: "body", body: telling('"abc\\r\\nX-Evil: 1"') },
  "the token twice": { kind: "body", body: GOOD.replace("{", '{"access_token":"def",') },
  "deep nesting": { kind: "body", body: GOOD.replace("{", `{"deep":${"[".repeat(100_000)}${"]".repeat(100_000)},`) },
  "broken UTF-8": { kind: "body", bodyBase64: Buffer.concat([Buffer.from(GOOD.slice(0, 20)), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]).toString("base64") },
  "more than 1 MiB": { kind: "body", body: GOOD.replace("{", `{"pad":"${"x".repeat(1_100_000)}",`) },
  "more than 1 MiB of blanks": { kind: "body", body: GOOD + " ".repeat(1_100_000) },
  "a redirect to another origin, 302": { kind: "redirect", status: 302, location: `${foreign.origin}/x` },
  "a redirect to another origin, 307": { kind: "redirect", status: 307, location: `${foreign.origin}/x` },
  "a redirect to another origin, 308": { kind: "redirect", status: 308, location: `${foreign.origin}/x` },
  "a redirect to itself": { kind: "redirect", status: 307, location: "?" },
  "a cut connection": { kind: "truncate" },
  "a broken connection": { kind: "reset" },
};

/** A broken connection is no answer. */
const code = (/** @type {string} */ what) => (/connection/.test(what) ? ["network", "invalid_response"] : ["invalid_response"]);

/** @param {any} error @param {string} what */
function assertRefused(error, what) {
  assert.ok(code(what).includes(error.code), `${error.code}: ${error.message}`);
  assert.ok(error.message.length <= 500 && !error.message.includes("\n"), error.message);
  const seen = [error.message, error.stack, JSON.stringify(error), inspect(error, { depth: 10, showHidden: true })].join();
  assert.ok(!/planted.secret/.test(seen), seen);
}

/** Signs in. @param {import("propusk").AuthClient<any>} client @param {"bifit-kassa" | "bstats"} service */
async function signIn(client, service) {
  if (service === "bifit-kassa") return client.login(ACCOUNTS[service]);
  const back = await consent(await client.authorizationUrl());
  return client.handleRedirect(back);
}

for (const [what, fault] of Object.entries(HOSTILE)) {
  for (const [service, purpose] of /** @type {const} */ ([["bifit-kassa", "login"], ["bstats", "exchange"]])) {
    test(`${what} at a sign-in (${purpose})`, async () => {
      foreign.requests.length = 0;
      const storage = memory();
      const client = await create(service, { retries: 0, storage });
      const reasons = changes(client);
      await box.fault(service, purpose, fault);
      assertRefused(await failure(signIn(client, service)), what);
      assert.deepEqual([client.session, reasons, foreign.requests], [null, [], []]);
      assert.equal((await create(service, { storage })).session, null);
      await signIn(client, service);
      assert.equal((await client.fetch(GOODS[service])).status, 200);
    });
  }

  test(`${what} at a renewal`, async () => {
    foreign.requests.length = 0;
    const client = await signedIn("bifit-kassa", { retries: 0 });
    const { session } = client;
    const reasons = changes(client);
    // Not carried out, so that the refresh token stays good.
    await box.fault("bifit-kassa", "refresh", { ...fault, ...(fault.kind === "body" && { handled: false }) });
    assertRefused(await failure(client.refresh()), what);
    assert.equal(client.session, session);
    assert.deepEqual([reasons, foreign.requests], [[], []]);
    assert.equal((await client.fetch(GOODS["bifit-kassa"])).status, 200);
    if (fault.kind !== "truncate") assert.ok(await client.refresh());
  });
}

/** By service, since each has a reader of its own: strict, lenient, and a login that is a renewal too. */
for (const service of /** @type {const} */ (["mobile-smarts", "smart-satu"])) {
  test(`${service}: what its reader may not mend is refused, at a sign-in and at a renewal`, async () => {
    const client = await signedIn(service, { retries: 0, ...(service === "smart-satu" && { credentials: () => ACCOUNTS[service] }) });
    const { session } = client;
    for (const what of ["an empty body", "a page", "cut JSON", "a token that fits no header", "deep nesting", "broken UTF-8"]) {
      /** @type {Record<string, unknown>} */
      const fault = { ...HOSTILE[what], handled: false };
      if (typeof fault.body === "string" && service === "mobile-smarts") fault.body = fault.body.replaceAll("access_token", "Access_token");
      await box.fault(service, "login", fault);
      assertRefused(await failure(client.login(ACCOUNTS[service])), what);
      await box.fault(service, service === "smart-satu" ? "login" : "refresh", fault);
      assertRefused(await failure(client.refresh()), what);
      assert.equal(client.session, session);
    }
    assert.equal((await client.fetch(GOODS[service])).status, 200);
    assert.ok(await client.refresh());
  });
}

test("a login that failed leaves the earlier session", async () => {
  for (const service of /** @type {const} */ (["bifit-kassa", "mobile-smarts", "smart-satu"])) {
    const client = await signedIn(service, { retries: 0 });
    const { session } = client;
    for (const what of ["an empty body", "a page", "the token twice", "more than 1 MiB", "a broken connection"]) {
      await box.fault(service, "login", HOSTILE[what]);
      await failure(client.login(ACCOUNTS[service]));
    }
    assert.equal(client.session, session);
    assert.equal((await client.fetch(GOODS[service])).status, 200);
  }
});

test("an answer of exactly 1 MiB is read", async () => {
  const client = await create("bifit-kassa");
  await box.fault("bifit-kassa", "login", { kind: "body", body: GOOD + " ".repeat(1024 * 1024 - GOOD.length) });
  assert.ok(await client.login(ACCOUNTS["bifit-kassa"]));
  assert.equal(await client.getAccessToken(), "abc");
});
