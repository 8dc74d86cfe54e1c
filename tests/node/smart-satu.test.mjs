/** Smart Satu: a JSON login, a moment of expiry, an API base that comes with the answer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { allOk, changes, clock, failure, suite } from "../support/suite.mjs";
import { json } from "../support/recorder.mjs";

const SATU = "smart-satu";
const TOKEN = "bkoUdBoAd1_jlIjwcMfttTNlH15y3Rnd";
const { box, create, make, record, rows, signedIn } = await suite();

/** The vendor's sample, in short and sound. @param {object} [changes] */
const answer = (changes) => ({ id: 132, access_token: TOKEN, access_token_expiration_time: 4_000_000_000, country: "kz", ...changes });

test("login and calls are as the vendor asks, and the session says who it is", async () => {
  const client = await create(SATU);
  const session = await client.login(ACCOUNTS[SATU]);
  assert.equal(session.subject, "132");
  assert.equal(session.details.currency, "тг");
  assert.equal(session.details.price_pattern, "### ###.## тг");
  assert.equal(session.details.time_zone_offset, 21600);
  assert.equal(session.details.is_document, false);
  assert.equal(session.details.url_api, `${box.services[SATU].baseUrl}/api`);
  for (const name of ["access_token", "access_token_expiration_time", "id"]) assert.ok(!(name in session.details), name);
  assert.ok(Math.abs(session.expiresAt - Date.now() - 86_400_000) < 5000);
  const body = await (await client.fetch(GOODS[SATU])).json();
  assert.deepEqual([body.username, body.country, body.path], ["supplier", "ru", "/api/goods"]);
  allOk(await box.journal(SATU), ["login", "api"]);
});

test("the login's request, to the byte", async () => {
  const { origin, requests } = await record(() => json(answer()));
  const client = await make({ provider: SATU, baseUrl: origin });
  await client.login({ username: "supplier", password: 'q"we\\rty\u0001 пароль 🙂' });
  const [{ method, url, headers, body }] = requests;
  assert.equal(`${method} ${url}`, "POST /api/user/login");
  assert.equal(headers["content-type"], "application/json; charset=utf-8");
  assert.equal(headers.country, "ru");
  assert.equal(headers.authorization, undefined);
  assert.deepEqual(JSON.parse(body), { username: "supplier", password: 'q"we\\rty\u0001 пароль 🙂', direction: "food" });
});

test("direction and country are the caller's to choose, on calls too", async () => {
  const { origin, requests } = await record(() => json(answer()));
  const client = await make({ provider: SATU, baseUrl: origin, direction: "pharmacy", country: "kz" });
  await client.login(ACCOUNTS[SATU]);
  await client.fetch("orders");
  assert.equal(JSON.parse(requests[0].body).direction, "pharmacy");
  assert.deepEqual(requests.map(({ headers }) => headers.country), ["kz", "kz"]);
});

test("the token is shown as Basic with an empty password, or as Bearer", async () => {
  const { origin, requests } = await record(() => json(answer()));
  for (const presentation of [undefined, "basic", "bearer"]) {
    const client = await make({ provider: SATU, baseUrl: origin, ...(presentation && { presentation }) });
    await client.login(ACCOUNTS[SATU]);
    await client.fetch("orders");
  }
  const shown = requests.map(({ headers }) => headers.authorization).filter(Boolean);
  const basic = "Basic YmtvVWRCb0FkMV9qbElqd2NNZnR0VE5sSDE1eTNSbmQ6";
  assert.deepEqual(shown, [basic, basic, `Bearer ${TOKEN}`]);
  const client = await signedIn(SATU, { presentation: "bearer" });
  assert.equal((await client.fetch(GOODS[SATU])).status, 200);
});

for (const answerStyle of ["printed", "string-expiry", "strict"]) {
  test(`an answer in the style "${answerStyle}" is read: token, expiry, details`, async () => {
    await box.options(SATU, { answerStyle });
    const client = await create(SATU);
    const session = await client.login(ACCOUNTS[SATU]);
    assert.ok(Math.abs(session.expiresAt - Date.now() - 86_400_000) < 5000);
    assert.equal(session.details.price_decimals, 2);
    assert.equal(session.details.time_zone_offset, 21600);
    assert.equal(session.details.country, "kz");
    assert.equal((await client.fetch(GOODS[SATU])).status, 200);
  });
}

for (const skew of [-7200, 7200]) {
  test(`a server whose clock is off by ${skew} s: expiresAt is by our clock`, async () => {
    await box.options(SATU, { clockSkew: skew });
    const client = await create(SATU);
    const session = await client.login(ACCOUNTS[SATU]);
    assert.ok(Math.abs(session.expiresAt - Date.now() - 86_400_000) < 5000, String(session.expiresAt - Date.now()));
  });
}

test("our own clock off by years disturbs as little", async () => {
  const time = clock(1_000_000_000_000);
  const client = await signedIn(SATU, { now: time.now, credentials: () => ACCOUNTS[SATU] });
  assert.ok(Math.abs((client.session?.expiresAt ?? 0) - time.now() - 86_400_000) < 5000);
  await client.fetch(GOODS[SATU]);
  time.pass(86_400_000);
  await client.fetch(GOODS[SATU]);
  assert.deepEqual(await box.counts(SATU), { api: 2, login: 1 });
});

test("before an expired call the caller is asked for credentials, and one login is sent", async () => {
  const time = clock();
  const reasons = [];
  const client = await signedIn(SATU, { now: time.now, credentials: async (reason) => (reasons.push(reason), ACCOUNTS[SATU]) });
  const changed = changes(client);
  assert.equal(client.session?.renewable, true);
  time.pass(86_400_000 + 5000);
  const responses = await Promise.all(Array.from({ length: 10 }, () => client.fetch(GOODS[SATU])));
  assert.deepEqual(responses.map(({ status }) => status), Array(10).fill(200));
  assert.equal(reasons.length, 1);
  assert.deepEqual(await box.counts(SATU), { login: 1, api: 10 });
  assert.deepEqual(changed, ["refresh"]);
  assert.equal((await box.journal(SATU))[0].purpose, "login");
});

test("a call refused with 401 asks once and is repeated once", async () => {
  let asked = 0;
  const client = await signedIn(SATU, { credentials: () => ((asked += 1), ACCOUNTS[SATU]) });
  await box.expire(SATU);
  assert.equal((await client.fetch(GOODS[SATU])).status, 200);
  assert.deepEqual([asked, await box.counts(SATU)], [1, { api: 2, login: 1 }]);
});

test("without the callback an expired session is login_required before anything is sent", async () => {
  const time = clock();
  const client = await signedIn(SATU, { now: time.now });
  assert.equal(client.session?.renewable, false);
  time.pass(86_400_000 + 5000);
  assert.equal((await failure(client.fetch(GOODS[SATU]))).code, "login_required");
  assert.equal((await failure(client.getAccessToken())).code, "login_required");
  assert.equal(await box.total(), 0);
});

test("without the callback a call refused with 401 gives its Response", async () => {
  const client = await signedIn(SATU);
  await box.expire(SATU);
  assert.equal((await client.fetch(GOODS[SATU])).status, 401);
  assert.deepEqual(await box.counts(SATU), { api: 1 });
});

test("a callback that gives up with null is login_required", async () => {
  const time = clock();
  const client = await signedIn(SATU, { now: time.now, credentials: () => null });
  time.pass(86_400_000 + 5000);
  assert.equal((await failure(client.fetch(GOODS[SATU]))).code, "login_required");
  assert.equal(await box.total(), 0);
});

test("a callback that throws, or gives something else, harms nobody", async () => {
  const time = clock();
  /** @type {any} */
  let give = () => { throw new Error("no keyboard"); };
  const client = await signedIn(SATU, { now: time.now, credentials: () => give() });
  time.pass(86_400_000 + 5000);
  assert.ok((await failure(client.fetch(GOODS[SATU]))).code);
  for (const wrong of [5, "x", [], { username: "supplier" }, { token: "x" }]) {
    give = () => wrong;
    assert.equal((await failure(client.fetch(GOODS[SATU]))).code, "invalid_input", JSON.stringify(wrong));
  }
  assert.equal(await box.total(), 0);
  give = () => Promise.resolve(ACCOUNTS[SATU]);
  assert.equal((await client.fetch(GOODS[SATU])).status, 200);
});

test("credentials that were wrong in the callback are told as such", async () => {
  const time = clock();
  const client = await signedIn(SATU, { now: time.now, credentials: () => ({ username: "supplier", password: "wrong" }) });
  time.pass(86_400_000 + 5000);
  const error = await failure(client.fetch(GOODS[SATU]));
  assert.equal(error.code, "login_required");
  assert.equal(error.status, 401);
  assert.deepEqual(await box.counts(SATU), { login: 1 });
});

test("the account whose first token is refused works with the callback", async () => {
  const expired = { username: "expired", password: "qwerty" };
  const client = await create(SATU, { credentials: () => expired });
  await client.login(expired);
  assert.equal((await (await client.fetch(GOODS[SATU])).json()).username, "expired");
  assert.deepEqual(await box.counts(SATU), { login: 2, api: 2 });
});

test("calls go to the API base that the answer names, when its origin is ours or allowed", async () => {
  const api = await record();
  const login = await record(() => json(answer({ url_api: `${api.origin}/v2/api/` })));
  const allowed = await make({ provider: SATU, baseUrl: login.origin, allowedOrigins: [api.origin] });
  await allowed.login(ACCOUNTS[SATU]);
  await allowed.fetch("goods?page=2");
  await allowed.fetch("/goods");
  assert.deepEqual(api.requests.map(({ url }) => url), ["/v2/api/goods?page=2", "/v2/api/goods"]);
});

test("a base URL that the caller gives wins over a foreign one in the answer", async () => {
  const foreign = await record();
  const login = await record(() => json(answer({ url_api: `${foreign.origin}/api` })));
  const client = await make({ provider: SATU, baseUrl: login.origin });
  await client.login(ACCOUNTS[SATU]);
  await client.fetch("goods");
  assert.equal((await failure(client.fetch(`${foreign.origin}/api/goods`))).code, "origin_not_allowed");
  assert.deepEqual(foreign.requests, []);
  assert.match(login.requests[1].url, /goods$/);
});

rows("a url_api that leads nowhere: calls stay at home", ["http://evil.example/api", "javascript:alert(1)", "file:///etc/passwd", "not an address", "//evil.example", "", null, 5, ["x"]], async (url_api) => {
  const { origin, requests } = await record(() => json(answer({ url_api })));
  const client = await make({ provider: SATU, baseUrl: origin });
  await client.login(ACCOUNTS[SATU]);
  await client.fetch("goods");
  assert.equal(requests.length, 2);
});

rows("a moment of expiry is read as the service writes it", /** @type {const} */ ([
  [4_000_000_000, 4e12],
  ["4000000000", 4e12],
  [null, null],
  [undefined, null],
  ["soon", null],
  ["", null],
  [[1], null],
]), async ([expiry, expiresAt]) => {
  const { origin } = await record(() => json(answer({ access_token_expiration_time: expiry })));
  const client = await make({ provider: SATU, baseUrl: origin });
  const session = await client.login(ACCOUNTS[SATU]);
  if (expiresAt === null) assert.equal(session.expiresAt, null);
  else assert.ok(Math.abs(session.expiresAt - expiresAt) < 5000);
});

test("ids that JavaScript can't hold exactly come as text", async () => {
  const { origin } = await record(() => ({
    headers: { "content-type": "application/json" },
    body: `{"id":9007199254740993,"access_token":"t","company_id":9007199254740993,"exact":9007199254740991,"half":0.5}`,
  }));
  const client = await make({ provider: SATU, baseUrl: origin });
  const { subject, details } = await client.login(ACCOUNTS[SATU]);
  assert.equal(subject, "9007199254740993");
  assert.deepEqual(details, { company_id: "9007199254740993", exact: 9007199254740991, half: 0.5 });
});

test("wrong credentials are invalid_credentials", async () => {
  const client = await create(SATU);
  const error = await failure(client.login({ username: "supplier", password: "wrong" }));
  assert.deepEqual([error.code, error.status], ["invalid_credentials", 401]);
  assert.equal(error.providerMessage, "Your request was made with invalid credentials.");
});
