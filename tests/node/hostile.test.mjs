/** Answers that no good server gives: refused as a whole, nothing stored, the earlier session kept, the client usable. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { after, test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { record } from "../support/recorder.mjs";
import { changes, consent, failure, memory, suite } from "../support/suite.mjs";

/** @typedef {import("../support/sandbox.mjs").Service} Service */

const { box, create, signedIn } = await suite();
const foreign = await record();
after(foreign.stop);

const NAMES = {
  "bifit-kassa": ["access_token", "refresh_token"],
  "mobile-smarts": ["Access_token", "Refresh_token"],
  "smart-satu": ["access_token", "refresh_token"],
  bstats: ["access_token", "refresh_token"],
};

/** A JSON answer of a service whose access token is written as `token`. @param {Service} service @param {string} token */
const telling = (service, token) => `{"${NAMES[service][0]}":${token},"expires_in":3600,"x":"planted-secret"}`;

/** @type {Record<string, (service: Service) => Record<string, unknown>>} */
const HOSTILE = {
  "an empty body": () => ({ kind: "body", body: "" }),
  "blanks only": () => ({ kind: "body", body: " \n" }),
  "a page": () => ({ kind: "body", body: "<!doctype html><html><body>Maintenance planted-secret</body></html>", contentType: "text/html" }),
  "a page that calls itself JSON": () => ({ kind: "body", body: "<html></html>", contentType: "application/json" }),
  "status 204": () => ({ kind: "status", status: 204 }),
  "cut JSON": (service) => ({ kind: "body", body: telling(service, '"abc"').slice(0, -1) }),
  "JSON cut within the token": (service) => ({ kind: "body", body: telling(service, '"abc"').slice(0, 19) }),
  "two values": (service) => ({ kind: "body", body: telling(service, '"abc"').repeat(2) }),
  "text after the value": (service) => ({ kind: "body", body: `${telling(service, '"abc"')}<!-- served by -->` }),
  "a list": (service) => ({ kind: "body", body: `[${telling(service, '"abc"')}]` }),
  "an empty list": () => ({ kind: "body", body: "[]" }),
  "an empty object": () => ({ kind: "body", body: "{}" }),
  "null": () => ({ kind: "body", body: "null" }),
  "a number": () => ({ kind: "body", body: "5" }),
  "a text": () => ({ kind: "body", body: '"access_token"' }),
  "another shape": () => ({ kind: "body", body: '{"data":{"access_token":"abc"},"token":"abc"}' }),
  "a prototype": () => ({ kind: "body", body: '{"__proto__":{"access_token":"abc","Access_token":"abc"}}' }),
  "an empty token": (service) => ({ kind: "body", body: telling(service, '""') }),
  "a token that is null": (service) => ({ kind: "body", body: telling(service, "null") }),
  "a token that is a list": (service) => ({ kind: "body", body: telling(service, '["abc"]') }),
  "a token that is an object": (service) => ({ kind: "body", body: telling(service, '{"a":1}') }),
  "a token that is true": (service) => ({ kind: "body", body: telling(service, "true") }),
  "a token with a blank": (service) => ({ kind: "body", body: telling(service, '"planted secret"') }),
  "a token with a line break": (service) => ({ kind: "body", body: telling(service, '"abc\\r\\nX-Evil: 1"') }),
  "a token with a control character": (service) => ({ kind: "body", body: telling(service, '"abc\\u0000"') }),
  "a token that is not ASCII": (service) => ({ kind: "body", body: telling(service, '"жетон"') }),
  "a token with a lone surrogate": (service) => ({ kind: "body", body: telling(service, '"\\ud800"') }),
  "the token twice": (service) => ({ kind: "body", body: telling(service, '"abc"').replace("{", `{"${NAMES[service][0]}":"def",`) }),
  "another token type": (service) => ({ kind: "body", body: telling(service, '"abc"').replace("{", '{"token_type":"mac",') }),
  "deep nesting": (service) => ({ kind: "body", body: telling(service, '"abc"').replace("{", `{"deep":${"[".repeat(100_000)}${"]".repeat(100_000)},`) }),
  "broken UTF-8": (service) => ({ kind: "body", bodyBase64: Buffer.concat([Buffer.from(telling(service, '"ab').slice(0, 20)), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]).toString("base64") }),
  "more than 1 MiB": (service) => ({ kind: "body", body: telling(service, '"abc"').replace("{", `{"pad":"${"x".repeat(1_100_000)}",`) }),
  "more than 1 MiB of blanks": (service) => ({ kind: "body", body: telling(service, '"abc"') + " ".repeat(1_100_000) }),
  "a redirect to another origin, 302": () => ({ kind: "redirect", status: 302, location: `${foreign.origin}/x` }),
  "a redirect to another origin, 307": () => ({ kind: "redirect", status: 307, location: `${foreign.origin}/x` }),
  "a redirect to another origin, 308": () => ({ kind: "redirect", status: 308, location: `${foreign.origin}/x` }),
  "a redirect to itself": () => ({ kind: "redirect", status: 307, location: "?" }),
  "a cut connection": () => ({ kind: "truncate" }),
  "a broken connection": () => ({ kind: "reset" }),
};

/** What smart-satu's and mobile-smarts' lenient reader may mend is not hostile there; a broken connection is no answer. */
const code = (/** @type {string} */ what) => (/connection/.test(what) ? ["network", "invalid_response"] : ["invalid_response"]);

/** @param {any} error @param {string} what */
function assertRefused(error, what) {
  assert.ok(code(what).includes(error.code), `${error.code}: ${error.message}`);
  assert.ok(error.message.length <= 500 && !error.message.includes("\n"), error.message);
  const seen = [error.message, error.stack, JSON.stringify(error), inspect(error, { depth: 10, showHidden: true })].join();
  assert.ok(!/planted.secret/.test(seen), seen);
}

for (const service of /** @type {(keyof typeof NAMES)[]} */ (Object.keys(NAMES))) {
  for (const [what, fault] of Object.entries(HOSTILE)) {
    if (what === "another token type" && service === "bstats") continue;
    test(`${service}: ${what} at sign-in`, async () => {
      foreign.requests.length = 0;
      const storage = memory();
      const client = await create(service, { retries: 0, storage });
      const reasons = changes(client);
      if (service === "bstats") {
        const back = await consent(await client.authorizationUrl());
        await box.fault(service, "exchange", fault(service));
        assertRefused(await failure(client.handleRedirect(back)), what);
      } else {
        await box.fault(service, "login", fault(service));
        assertRefused(await failure(client.login(ACCOUNTS[service])), what);
      }
      assert.deepEqual([client.session, reasons, foreign.requests], [null, [], []]);
      assert.equal((await create(service, { storage })).session, null);
      if (service === "bstats") await client.handleRedirect(await consent(await client.authorizationUrl()));
      else await client.login(ACCOUNTS[service]);
      assert.equal((await client.fetch(GOODS[service])).status, 200);
    });

    if (service === "bstats") continue;
    test(`${service}: ${what} at a renewal`, async () => {
      foreign.requests.length = 0;
      const satu = service === "smart-satu";
      const client = await signedIn(service, { retries: 0, ...(satu && { credentials: () => ACCOUNTS[service] }) });
      const { session } = client;
      const reasons = changes(client);
      const given = fault(service);
      // Not carried out, so that the refresh token stays good.
      if ("handled" in given === false && given.kind === "body") given.handled = false;
      await box.fault(service, satu ? "login" : "refresh", given);
      assertRefused(await failure(client.refresh()), what);
      assert.equal(client.session, session);
      assert.deepEqual([reasons, foreign.requests], [[], []]);
      assert.equal((await client.fetch(GOODS[service])).status, 200);
      if (given.kind !== "truncate") assert.ok(await client.refresh());
    });
  }
}

test("a login that failed leaves the earlier session", async () => {
  for (const service of /** @type {const} */ (["bifit-kassa", "mobile-smarts", "smart-satu"])) {
    const client = await signedIn(service, { retries: 0 });
    const { session } = client;
    for (const what of ["an empty body", "a page", "the token twice", "more than 1 MiB", "a broken connection"]) {
      await box.fault(service, "login", HOSTILE[what](service));
      await failure(client.login(ACCOUNTS[service]));
    }
    assert.equal(client.session, session);
    assert.equal((await client.fetch(GOODS[service])).status, 200);
  }
});

test("an answer of exactly 1 MiB is read", async () => {
  const client = await create("bifit-kassa");
  const body = telling("bifit-kassa", '"abc"');
  await box.fault("bifit-kassa", "login", { kind: "body", body: body + " ".repeat(1024 * 1024 - body.length) });
  assert.ok(await client.login(ACCOUNTS["bifit-kassa"]));
  assert.equal(await client.getAccessToken(), "abc");
});
