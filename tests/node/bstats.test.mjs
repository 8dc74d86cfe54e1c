/** bstats.ru: consent on the service's page, a code that comes back, a token in the query. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { GOODS } from "../support/sandbox.mjs";
import { allOk, CALLBACK, changes, clock, consent, failure, memory, suite } from "../support/suite.mjs";

const BSTATS = "bstats";
const { box, create, make, record, rows, signedIn } = await suite();

for (const format of ["json", "xml"]) {
  test(`consent, exchange and calls in ${format}`, async () => {
    const client = await create(BSTATS, { format });
    const back = await consent(await client.authorizationUrl({ returnTo: "/orders?open=1#3" }));
    const result = await client.handleRedirect(back);
    assert.deepEqual(result, {
      session: { provider: BSTATS, subject: null, scope: ["dossier"], expiresAt: null, renewable: false, details: {} },
      returnTo: "/orders?open=1#3",
    });
    assert.equal(client.session, result.session);
    const response = await client.fetch(GOODS[BSTATS]);
    assert.match(response.headers.get("content-type") ?? "", new RegExp(format));
    assert.match(await response.text(), /demo/);
    const journal = await box.journal(BSTATS);
    allOk(journal, ["authorize", "exchange", "api"]);
    assert.equal(journal[2].headers.authorization, undefined);
    assert.match(journal[1].path, new RegExp(`format=${format}`));
    assert.match(journal[2].path, new RegExp(`format=${format}`));
  });
}

test("the authorization address is the documented one: no state, no PKCE", async () => {
  const client = await create(BSTATS, { redirectUri: "https://app.example/cb?x=1" });
  const url = new URL(await client.authorizationUrl());
  assert.equal(url.origin + url.pathname, `${box.services[BSTATS].baseUrl}/api.php/auth`);
  assert.deepEqual(Object.fromEntries(url.searchParams), {
    client_id: "bstats.ru",
    client_name: "dossier",
    response_type: "code",
    scope: "dossier",
    format: "json",
    redirect_uri: "https://app.example/cb?x=1",
  });
  assert.equal([...url.searchParams].length, 6);
  const named = await make({ provider: BSTATS, redirectUri: CALLBACK, clientId: "shop", clientName: "Лавка & Co", scope: "crm" });
  const other = new URL(await named.authorizationUrl());
  assert.equal(other.origin + other.pathname, "https://bstats.ru/api.php/auth");
  assert.deepEqual(
    ["client_id", "client_name", "scope"].map((name) => other.searchParams.get(name)),
    ["shop", "Лавка & Co", "crm"],
  );
  assert.equal(await box.total(), 0);
});

test("denied consent is access_denied, and nothing is sent", async () => {
  const client = await create(BSTATS);
  const back = await consent(await client.authorizationUrl(), "deny");
  const error = await failure(client.handleRedirect(back));
  assert.deepEqual([error.code, error.providerCode], ["access_denied", "access_denied"]);
  assert.deepEqual(await box.counts(BSTATS), { authorize: 1 });
  assert.equal(client.session, null);
});

test("a callback handled twice, at once or later, is one exchange and one result", async () => {
  const client = await create(BSTATS);
  const reasons = changes(client);
  const back = await consent(await client.authorizationUrl({ returnTo: "/home" }));
  const both = await Promise.all([client.handleRedirect(back), client.handleRedirect(new URL(back))]);
  const again = await client.handleRedirect(back);
  assert.deepEqual(both[0], both[1]);
  assert.deepEqual(again, both[0]);
  assert.equal(again?.returnTo, "/home");
  assert.deepEqual(reasons, ["login"]);
  assert.deepEqual(await box.counts(BSTATS), { authorize: 1, exchange: 1 });
});

test("a code that nobody asked for is refused and not sent", async () => {
  const client = await create(BSTATS);
  for (const query of ["code=abc", "error=access_denied", "x=1&code=abc"]) {
    assert.equal((await failure(client.handleRedirect(`${CALLBACK}?${query}`))).code, "redirect_unexpected");
  }
  assert.equal(await box.total(), 0);
  assert.equal(client.session, null);
});

test("a second code after a login that is done is refused, and the session stays", async () => {
  const client = await signedIn(BSTATS);
  const { session } = client;
  assert.equal((await failure(client.handleRedirect(`${CALLBACK}?code=stolen`))).code, "redirect_unexpected");
  assert.equal(client.session, session);
  assert.equal(await box.total(), 0);
});

rows("what is no callback: null, and the pending login stays", [
  "http://127.0.0.1:5173/",
  "http://127.0.0.1:5173/callback",
  "http://127.0.0.1:5173/callback?x=1",
  "http://127.0.0.1:5173/callback#code=1",
  "http://127.0.0.1:5173/other?code=1",
  "http://127.0.0.1:5174/callback?code=1",
  "https://127.0.0.1:5173/callback?code=1",
  "http://evil.example/callback?code=1",
  "http://127.0.0.1:5173/callback/?code=1",
], async (address) => {
  const client = await create(BSTATS);
  const back = await consent(await client.authorizationUrl());
  assert.equal(await client.handleRedirect(address), null);
  assert.ok(await client.handleRedirect(back));
  assert.deepEqual(await box.counts(BSTATS), { authorize: 1, exchange: 1 });
});

test("a redirectUri with a query of its own, joined rightly or with a second question mark", async () => {
  const redirectUri = `${CALLBACK}?shop=7&tab=a%20b`;
  for (const naiveRedirect of [false, true]) {
    await box.options(BSTATS, { naiveRedirect });
    const client = await create(BSTATS, { redirectUri });
    const back = await consent(await client.authorizationUrl({ returnTo: "/" }));
    assert.equal(back.split("?").length, naiveRedirect ? 3 : 2);
    assert.equal((await client.handleRedirect(back))?.returnTo, "/");
    assert.equal((await client.fetch(GOODS[BSTATS])).status, 200);
  }
});

test("naive question mark with a denial", async () => {
  await box.options(BSTATS, { naiveRedirect: true });
  const client = await create(BSTATS, { redirectUri: `${CALLBACK}?x=1` });
  assert.equal((await failure(client.handleRedirect(await consent(await client.authorizationUrl(), "deny")))).code, "access_denied");
});

test("a code that the service no longer knows is code_expired, though the status is 200", async () => {
  await box.options(BSTATS, { codeLifetime: 0 });
  for (const format of ["json", "xml"]) {
    const client = await create(BSTATS, { format });
    const error = await failure(client.handleRedirect(await consent(await client.authorizationUrl())));
    assert.deepEqual([error.code, error.status, error.providerCode], ["code_expired", 200, "invalid_grant"]);
    assert.equal(error.providerMessage, "Invalid or expired code");
    assert.equal(client.session, null);
  }
});

test("a callback that comes too late is refused here", async () => {
  const time = clock();
  const client = await create(BSTATS, { now: time.now });
  const back = await consent(await client.authorizationUrl());
  time.pass(600_001);
  assert.equal((await failure(client.handleRedirect(back))).code, "redirect_unexpected");
  assert.deepEqual(await box.counts(BSTATS), { authorize: 1 });
  const inTime = await consent(await client.authorizationUrl());
  time.pass(599_000);
  assert.ok(await client.handleRedirect(inTime));
});

rows("a callback that says two things is not acted on", ["code=a&code=b", "code=a&error=access_denied", "error=a&error=b"], async (query) => {
  const client = await create(BSTATS);
  await client.authorizationUrl();
  const error = await failure(client.handleRedirect(`${CALLBACK}?${query}`));
  assert.equal(client.session, null);
  assert.notEqual(error.code, "network");
  assert.equal((await box.counts(BSTATS)).exchange, undefined);
});

test("problem reads JSON and XML errors, by body where the status is 200", async () => {
  for (const format of ["json", "xml"]) {
    const client = await signedIn(BSTATS, { format });
    for (const [method, code, status, theirs] of /** @type {const} */ ([
      ["customer.fail", "access_denied", 200, "access_denied"],
      ["customer.forbidden", "access_denied", 403, "access_denied"],
      ["customer.nothing", null, 404, "invalid_method"],
    ])) {
      const response = await client.fetch(`?app=dossier&method=${method}`);
      const error = await client.problem(response);
      assert.deepEqual([error?.status, error?.providerCode], [status, theirs], `${format} ${method}`);
      if (code) assert.equal(error?.code, code);
      assert.match(await response.text(), new RegExp(theirs));
    }
    assert.equal(await client.problem(await client.fetch(GOODS[BSTATS])), null);
  }
});

test("a token that the service ended: the Response, and problem says so", async () => {
  const client = await signedIn(BSTATS);
  await box.revoke(BSTATS);
  const response = await client.fetch(GOODS[BSTATS]);
  assert.equal(response.status, 401);
  assert.equal((await client.problem(response))?.code, "invalid_token");
  assert.deepEqual(await box.counts(BSTATS), { api: 1 });
  assert.equal((await failure(client.refresh())).code, "unsupported");
});

test("the credential joins the caller's query, which stays as it was, and a POST keeps its body", async () => {
  const client = await signedIn(BSTATS);
  const response = await client.fetch("?app=dossier&method=customer.update&name=%D0%B0+b%26c", { method: "POST", body: "hello" });
  assert.equal((await response.json()).echo, "hello");
  const { origin, requests } = await record(() => ({ body: '{"access_token":"b936356100e3883cabf59abed221d03d"}' }));
  const other = await make({ provider: BSTATS, baseUrl: origin, redirectUri: CALLBACK });
  await other.authorizationUrl();
  await other.handleRedirect(`${CALLBACK}?code=0123`);
  await other.fetch("?app=dossier&name=%D0%B0+b%26c&name=2&flag#part");
  const [path, query] = requests[1].url.split("?");
  assert.equal(path, "/api.php");
  assert.ok(query.startsWith("app=dossier&name=%D0%B0+b%26c&name=2&flag"), query);
  assert.deepEqual(new URLSearchParams(query).getAll("access_token"), ["b936356100e3883cabf59abed221d03d"]);
  assert.equal(requests[1].headers.authorization, undefined);
});

test("login is not for redirect providers, confirm and check neither", async () => {
  const client = await create(BSTATS);
  assert.equal((await failure(client.login(/** @type {any} */ ({ username: "demo", password: "demo" })))).code, "unsupported");
  assert.equal((await failure(client.check())).code, "unsupported");
  assert.equal((await failure(client.confirm("1"))).code, "invalid_input");
  assert.equal((await failure(client.loginWithRedirect())).code, "unsupported");
  assert.equal(await box.total(), 0);
});

rows("a returnTo that leads elsewhere is refused", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "http://127.0.0.1:5174/", "\\\\evil.example", "/\t/evil.example", 5], async (returnTo) => {
  const client = await create(BSTATS);
  assert.equal((await failure(client.authorizationUrl(/** @type {any} */ ({ returnTo })))).code, "invalid_input");
});

rows("a returnTo of the same origin is given back as it was", ["/", "/a/b?c=d#e", "http://127.0.0.1:5173/deep?x=1"], async (returnTo) => {
  const client = await create(BSTATS);
  const result = await client.handleRedirect(await consent(await client.authorizationUrl({ returnTo })));
  assert.equal(result?.returnTo, returnTo);
});

test("a pending login outlives the client in the client's store, and no other client's", async () => {
  const storage = memory();
  const first = await create(BSTATS, { storage });
  const url = await first.authorizationUrl({ returnTo: "/kept" });
  first.close();
  const back = await consent(url);
  const stranger = await create(BSTATS);
  assert.equal((await failure(stranger.handleRedirect(back))).code, "redirect_unexpected");
  const second = await create(BSTATS, { storage });
  assert.equal((await second.handleRedirect(back))?.returnTo, "/kept");
  const third = await create(BSTATS, { storage });
  assert.deepEqual(third.session, second.session);
});

test("the exchange is not repeated when the connection breaks", async () => {
  const client = await create(BSTATS);
  const back = await consent(await client.authorizationUrl());
  await box.fault(BSTATS, "exchange", { kind: "reset", times: -1 });
  assert.equal((await failure(client.handleRedirect(back))).code, "network");
  assert.deepEqual(await box.counts(BSTATS), { authorize: 1, exchange: 1 });
});

test("handleRedirect in Node needs an address, and a good one", async () => {
  const client = await create(BSTATS);
  for (const url of [undefined, "", "not an address", 5]) {
    const error = await failure(client.handleRedirect(/** @type {any} */ (url)));
    assert.equal(error.code, "invalid_input", String(url));
  }
});

test("the exchange carries the code once, in the form, and nothing in the address but what is documented", async () => {
  const { origin, requests } = await record(() => ({ body: '{"access_token":"b936356100e3883cabf59abed221d03d"}' }));
  const client = await make({ provider: BSTATS, baseUrl: origin, redirectUri: CALLBACK });
  await client.authorizationUrl();
  await client.handleRedirect(`${CALLBACK}?code=0123456789abcdef0123456789abcdef`);
  const [{ method, url, body }] = requests;
  const address = new URL(url, origin);
  assert.equal(`${method} ${address.pathname}`, "POST /api.php/token");
  assert.deepEqual(Object.fromEntries(address.searchParams), { redirect_uri: CALLBACK, format: "json" });
  assert.deepEqual(Object.fromEntries(new URLSearchParams(body)), {
    code: "0123456789abcdef0123456789abcdef",
    client_id: "bstats.ru",
    grant_type: "authorization_code",
  });
});
