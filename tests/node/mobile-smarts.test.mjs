/** Mobile SMARTS: three ways in, answers that are hardly JSON, a server in the customer's own network. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { allOk, clock, failure, spies, suite } from "../support/suite.mjs";
import { json } from "../support/recorder.mjs";

const SMARTS = "mobile-smarts";
const { box, create, make, propusk, record, signedIn } = await suite();

const PRINTED = `{
  Access_token:"123123123",
  Token_type:"bearer",
  Expires_in:86400,
  Refresh_token:"321321321",
}`;

for (const method of ["session-post", "session-get"]) {
  for (const answerStyle of ["printed", "strict", "lower"]) {
    test(`${method} with answers in the style "${answerStyle}": login, call, renewal, call`, async () => {
      await box.options(SMARTS, { answerStyle });
      const time = clock(1_700_000_000_000);
      const client = await create(SMARTS, { method, now: time.now });
      const session = await client.login(ACCOUNTS[SMARTS]);
      assert.equal(session.expiresAt, time.now() + 86_400_000);
      assert.equal(session.renewable, true);
      const { value } = await (await client.fetch(GOODS[SMARTS])).json();
      assert.equal(value[0].user, "user@domain.ru");
      const first = await client.getAccessToken();
      await client.refresh();
      assert.notEqual(await client.getAccessToken(), first);
      assert.equal((await client.fetch(GOODS[SMARTS])).status, 200);
      allOk(await box.journal(SMARTS), ["login", "api", "refresh", "api"]);
      assert.equal((await box.families(SMARTS)).maxSpends, 1);
    });
  }
}

test("session-post is the default, at /api/session, with no client unless given", async () => {
  const { origin, requests } = await record(() => ({ headers: { "content-type": "application/json" }, body: PRINTED }));
  const client = await make({ provider: SMARTS, baseUrl: origin });
  await client.login(ACCOUNTS[SMARTS]);
  assert.equal(await client.getAccessToken(), "123123123");
  await client.refresh();
  const named = await make({ provider: SMARTS, baseUrl: origin, clientId: "123", clientSecret: "user", tokenPath: "/oauth/token" });
  await named.login(ACCOUNTS[SMARTS]);
  await named.refresh();
  const sent = requests.map(({ method, url, body }) => [`${method} ${url}`, Object.fromEntries(new URLSearchParams(body))]);
  const password = { grant_type: "password", ...ACCOUNTS[SMARTS] };
  const refresh = { grant_type: "refresh_token", refresh_token: "321321321" };
  const own = { client_id: "123", client_secret: "user" };
  assert.deepEqual(sent, [
    ["POST /api/session", password],
    ["POST /api/session", refresh],
    ["POST /oauth/token", { ...password, ...own }],
    ["POST /oauth/token", { ...refresh, ...own }],
  ]);
});

test("tokenPath and the client are accepted by the server", async () => {
  const client = await create(SMARTS, { tokenPath: "/oauth/token", clientId: "123", clientSecret: "user" });
  await client.login(ACCOUNTS[SMARTS]);
  await client.refresh();
  const journal = await box.journal(SMARTS);
  allOk(journal, ["login", "refresh"]);
  assert.deepEqual(journal.map(({ path }) => path), ["/oauth/token", "/oauth/token"]);
});

test("a wrong client is invalid_client; a wrong password, refused without a body, is invalid_credentials", async () => {
  const client = await create(SMARTS, { clientId: "123", clientSecret: "wrong" });
  assert.equal((await failure(client.login(ACCOUNTS[SMARTS]))).code, "invalid_client");
  const plain = await create(SMARTS);
  const error = await failure(plain.login({ username: "user@domain.ru", password: "wrong" }));
  assert.deepEqual([error.code, error.status, error.providerCode], ["invalid_credentials", 401, null]);
});

test("session-get: the address is encoded, and its password is in no trace and no error", async () => {
  const { traces, hooks } = spies();
  const password = "p&a=s+s %20/слово";
  const { origin, requests } = await record((_, n) => (n === 1 ? { body: PRINTED } : { status: 500 }));
  const client = await make({ provider: SMARTS, baseUrl: origin, method: "session-get", retries: 0, ...hooks });
  await client.login({ username: "user+1@domain.ru", password });
  const url = new URL(requests[0].url, origin);
  assert.equal(`${requests[0].method} ${url.pathname}`, "GET /api/v1/session");
  assert.deepEqual([...url.searchParams], [["username", "user+1@domain.ru"], ["password", password]]);
  const error = await failure(client.login({ username: "user+1@domain.ru", password }));
  const gone = await failure((await make({ provider: SMARTS, baseUrl: "http://127.0.0.1:1", method: "session-get", retries: 0, ...hooks })).login({ username: "u", password }));
  assert.equal(gone.code, "network");
  const seen = [error, gone].flatMap((e) => [e.message, e.stack, JSON.stringify(e), inspect(e, { depth: 10, showHidden: true })]);
  const text = [...seen, JSON.stringify(traces)].join("\n");
  for (const form of [password, encodeURIComponent(password), new URLSearchParams({ x: password }).toString().slice(2), "слово", "p%26a"]) {
    assert.ok(!text.includes(form), form);
  }
  assert.equal(traces.length, 3);
  assert.match(traces[0].url, /password=\*\*\*/);
});

test("a session from GET is renewed by POST", async () => {
  const client = await signedIn(SMARTS, { method: "session-get" });
  await client.refresh();
  const [{ method, path, grant }] = await box.journal(SMARTS);
  assert.equal(`${method} ${path} ${grant}`, "POST /api/session refresh_token");
});

test("basic: each call carries user name and password, as base64", async () => {
  const { origin, requests } = await record(() => json({ value: [] }));
  const client = await make({ provider: SMARTS, baseUrl: origin, method: "basic" });
  const session = await client.login(ACCOUNTS[SMARTS]);
  assert.deepEqual([session.expiresAt, session.renewable], [null, false]);
  await client.fetch("api/v1/x");
  assert.equal(requests.at(-1)?.headers.authorization, "Basic dXNlckBkb21haW4ucnU6MTIzNDU2");
  await client.login({ username: "test", password: "123£" });
  await client.fetch("api/v1/x");
  assert.equal(requests.at(-1)?.headers.authorization, "Basic dGVzdDoxMjPCow==");
  await client.login({ username: "Aladdin", password: "open sesame" });
  await client.fetch("api/v1/x");
  assert.equal(requests.at(-1)?.headers.authorization, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
});

for (const basicEncoding of ["base64", "plain"]) {
  test(`basic, ${basicEncoding}: the server lets it in`, async () => {
    const client = await create(SMARTS, { method: "basic", basicEncoding });
    await client.login(ACCOUNTS[SMARTS]);
    const { value } = await (await client.fetch(GOODS[SMARTS])).json();
    assert.equal(value[0].user, "user@domain.ru");
    assert.ok((await box.journal(SMARTS)).every(({ verdict }) => verdict === "ok"));
  });
}

test("basic: plain is login:password as the document shows it", async () => {
  const { origin, requests } = await record(() => json({ value: [] }));
  const client = await make({ provider: SMARTS, baseUrl: origin, method: "basic", basicEncoding: "plain" });
  await client.login({ username: "user@domain.ru", password: "12:34" });
  await client.fetch("api/v1/x");
  assert.equal(requests.at(-1)?.headers.authorization, "Basic user@domain.ru:12:34");
});

test("basic: there is no token and nothing to renew; a refused call gives its Response", async () => {
  const client = await create(SMARTS, { method: "basic" });
  await client.login({ username: "user@domain.ru", password: "wrong" });
  assert.equal((await failure(client.getAccessToken())).code, "unsupported");
  assert.equal((await failure(client.refresh())).code, "unsupported");
  assert.equal((await failure(client.check())).code, "unsupported");
  assert.equal((await client.fetch(GOODS[SMARTS])).status, 401);
  assert.deepEqual(await box.counts(SMARTS), { api: 1 });
});

for (const [basicEncoding, username, password] of [
  ["base64", "us:er", "123456"],
  ["plain", "us:er", "123456"],
  ["plain", "пользователь", "123456"],
  ["plain", "user@domain.ru", "пароль"],
  ["plain", "user@domain.ru", "12\n34"],
]) {
  test(`basic, ${basicEncoding}: ${JSON.stringify(username)} with ${JSON.stringify(password)} can't be written and is refused`, async () => {
    const client = await create(SMARTS, { method: "basic", basicEncoding });
    const error = await failure(client.login({ username, password }));
    assert.equal(error.code, "invalid_input");
    assert.equal(client.session, null);
    assert.equal(await box.total(), 0);
  });
}

test("the colon is no trouble where the user name goes into a form", async () => {
  const client = await create(SMARTS);
  assert.equal((await failure(client.login({ username: "us:er", password: "123456" }))).code, "invalid_credentials");
});

test("http is for loopback only, unless allowInsecure", async () => {
  for (const baseUrl of ["http://192.168.1.5:9000", "http://warehouse.local", "http://127.0.0.1.example.com", "http://example.com#127.0.0.1"]) {
    const error = await failure(make({ provider: SMARTS, baseUrl }));
    assert.ok(["insecure_url", "invalid_config"].includes(error.code), `${baseUrl}: ${error.code}`);
  }
  assert.equal((await failure(make({ provider: SMARTS, baseUrl: "http://192.168.1.5:9000" }))).code, "insecure_url");
  for (const baseUrl of ["http://127.0.0.1:9000", "http://localhost:9000", "http://[::1]:9000", "http://127.8.8.8", "https://10.0.0.1"]) {
    await make({ provider: SMARTS, baseUrl });
  }
  await make({ provider: SMARTS, baseUrl: "http://192.168.1.5:9000", allowInsecure: true });
});

test("the customer's server must be named", async () => {
  const error = await failure(propusk.AuthClient.create(/** @type {any} */ ({ provider: SMARTS })));
  assert.equal(error.code, "invalid_config");
  assert.match(error.message, /baseUrl/);
});

test("anonymous: calls go without a credential until somebody signs in", async () => {
  await box.options(SMARTS, { authOff: true });
  const client = await create(SMARTS, { anonymous: true });
  assert.equal((await (await client.fetch(GOODS[SMARTS])).json()).value[0].user, null);
  const strict = await create(SMARTS);
  assert.equal((await failure(strict.fetch(GOODS[SMARTS]))).code, "login_required");
  await box.options(SMARTS, { authOff: false });
  assert.equal((await client.fetch(GOODS[SMARTS])).status, 401);
  await client.login(ACCOUNTS[SMARTS]);
  assert.equal((await (await client.fetch(GOODS[SMARTS])).json()).value[0].user, "user@domain.ru");
  const journal = await box.journal(SMARTS);
  assert.deepEqual(journal.map(({ headers }) => headers.authorization), [undefined, undefined, undefined, "Bearer ***"]);
});

test("the base may be a folder of the server", async () => {
  const { origin, requests } = await record(() => ({ headers: { "content-type": "application/json" }, body: PRINTED }));
  for (const baseUrl of [`${origin}/MobileSMARTS`, `${origin}/MobileSMARTS/`]) {
    const client = await make({ provider: SMARTS, baseUrl });
    await client.login(ACCOUNTS[SMARTS]);
    await client.fetch("/api/v1/Docs?$top=1");
    await client.fetch("api/v1/Docs");
  }
  assert.deepEqual(requests.map(({ url }) => url), [
    ...["/MobileSMARTS/api/session", "/MobileSMARTS/api/v1/Docs?$top=1", "/MobileSMARTS/api/v1/Docs"],
    ...["/MobileSMARTS/api/session", "/MobileSMARTS/api/v1/Docs?$top=1", "/MobileSMARTS/api/v1/Docs"],
  ]);
});
