/** Tokens that end, what was asked, and the options that a sandbox starts with. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { GOODS, SERVICES, account, client, consent, open, purposes, signedIn, until } from "./support/box.mjs";

const KASSA = "bifit-kassa";
const RENEWABLE = /** @type {const} */ (["bifit-kassa", "mobile-smarts"]);

for (const service of RENEWABLE) {
  test(`${service}: expire ends access tokens, and the next call renews`, async () => {
    const box = await open();
    const made = await signedIn(box, service);
    box.expire(service);
    assert.equal((await made.fetch(GOODS[service])).status, 200);
    assert.deepEqual(purposes(box), ["login", "api", "refresh", "api"]);
    assert.deepEqual(box.requests().map(({ refused }) => refused), [null, "the token has expired", null, null]);
    assert.equal((await made.fetch(GOODS[service])).status, 200, "what is issued after it is good");
  });

  test(`${service}: revoke ends the session`, async () => {
    const box = await open();
    const made = await signedIn(box, service);
    box.revoke(service);
    assert.equal((await made.fetch(GOODS[service]).catch((error) => error)).code, "login_required");
    assert.equal(made.session, null);
  });

  test(`${service}: without a grace a refresh token is good once, with one the answer is the same again`, async () => {
    for (const grace of [0, 60]) {
      const box = await open({ grace });
      const url = `${box.urls[service]}/oauth/token`;
      const secret = service === KASSA ? { client_id: "cashdesk-rest-client", client_secret: "cashdesk-rest-client" } : {};
      const ask = async (/** @type {Record<string, string>} */ form) => {
        const response = await fetch(url, { method: "POST", body: new URLSearchParams({ ...form, ...secret }) });
        const text = await response.text();
        return { status: response.status, access: /ccess_token"?:"([^"]+)/.exec(text)?.[1], refresh: /efresh_token"?:"([^"]+)/.exec(text)?.[1] };
      };
      const { username, password } = account(box, service).credentials;
      const sent = service === KASSA ? createHash("sha256").update(password).digest("base64") : password;
      const first = await ask({ grant_type: "password", username, password: sent });
      const form = { grant_type: "refresh_token", refresh_token: first.refresh ?? "" };
      const [once, again] = [await ask(form), await ask(form)];
      assert.equal(once.status, 200);
      assert.notEqual(once.access, first.access);
      if (grace) assert.deepEqual(again, once);
      else assert.equal(again.status, service === KASSA ? 400 : 401);
    }
  });
}

test("bstats, invoicebox: a token that never expires ends as well", async () => {
  for (const end of /** @type {const} */ (["expire", "revoke"])) {
    const box = await open();
    for (const service of /** @type {const} */ (["bstats", "invoicebox"])) {
      const made = await signedIn(box, service);
      box[end](service);
      assert.equal((await made.fetch(GOODS[service])).status, 401);
      box.reset();
      assert.equal((await (await signedIn(box, service)).fetch(GOODS[service])).status, 200);
    }
  }
});

test("expire and revoke are for one service", async () => {
  const box = await open();
  const made = await signedIn(box, KASSA);
  for (const service of SERVICES.filter((service) => service !== KASSA)) {
    box.expire(service);
    box.revoke(service);
  }
  assert.equal((await made.fetch(GOODS[KASSA])).status, 200);
  assert.deepEqual(purposes(box, KASSA), ["login", "api"]);
});

test("tokenLifetime: tokens of all services that have an end live so long", async () => {
  const box = await open({ tokenLifetime: 120 });
  for (const service of /** @type {const} */ (["bifit-kassa", "mobile-smarts", "smart-satu"])) {
    const began = Date.now();
    const { session } = await signedIn(box, service);
    const left = Number(session?.expiresAt) - began;
    // Services tell whole seconds, and every one of them documents hours.
    assert.ok(left > 110_000 && left < 130_000 + Date.now() - began, `${service}: ${left}`);
  }
});

test("requests tell who asked what, in order, and hold no secret", async () => {
  const box = await open();
  const smarts = await client(box, "mobile-smarts", { method: "session-get" });
  await smarts.login(account(box, "mobile-smarts").credentials);
  const made = await client(box, "bstats");
  const back = await consent(await made.authorizationUrl(), account(box, "bstats").credentials);
  await made.handleRedirect(back);
  await made.fetch(GOODS.bstats);
  await fetch(`${box.urls.invoicebox}/v3/anything?secret=hush`);

  const seen = box.requests();
  assert.deepEqual(seen.map(({ service, purpose, method, status }) => [service, purpose, method, status]), [
    ["mobile-smarts", "login", "GET", 200],
    ["bstats", "authorize", "POST", 302],
    ["bstats", "exchange", "POST", 200],
    ["bstats", "api", "GET", 200],
    ["invoicebox", "api", "GET", 401],
  ]);
  assert.equal(seen[0].path, "/api/v1/session?username=user%40domain.ru&password=***");
  assert.match(seen[3].path, /[?&]access_token=\*\*\*/);
  assert.equal(seen[4].path, "/v3/anything?secret=***");
  assert.equal(seen[4].refused, "no Authorization header");
  assert.deepEqual(Object.keys(seen[0]).sort(), ["method", "path", "purpose", "refused", "service", "status"]);
  const text = JSON.stringify(seen);
  for (const secret of ["123456", String(await made.getAccessToken()), String(new URL(back).searchParams.get("code"))]) assert.ok(!text.includes(secret), secret);
  assert.deepEqual(box.requests("bstats"), seen.filter(({ service }) => service === "bstats"));
  assert.throws(() => /** @type {any} */ (seen).push(1), TypeError);
});

test("requests show no secret, whatever it is called and wherever it stands", async () => {
  const box = await open();
  const client = await signedIn(box, KASSA);
  const token = String(await client.getAccessToken());
  const { password } = box.accounts[KASSA][0].credentials;
  const [{ credentials: fixed }] = box.accounts.invoicebox;
  const base = `${box.urls[KASSA]}/protected`;
  const encoded = [...token].map((char) => `%${char.charCodeAt(0).toString(16)}`).join("");
  const asked = [
    ...["key", "sid", "session", "PHPSESSID", "pw", "pin", "jwt", "sig", "apiKey"].map((name) => `${base}/x?${name}=hush-7&page=2`),
    `${base}/x?q=${token}`,
    `${base}/x?q=a${encoded}b`,
    `${base}/${token}/x`,
    `${base}/bot${encoded}`,
    `${base}/x?${token}=1`,
    `${base}/x?${token}`,
    `${base}/x?who=${password}`,
    `${box.urls["smart-satu"]}/x?q=${token}`,
    `${base}/x?q=${fixed.token}`,
  ];
  for (const address of asked) await fetch(address);
  await fetch(`${base}/x?q=of-this-request`, { headers: { authorization: "Bearer of-this-request" } });
  const seen = box.requests().slice(1);
  assert.equal(seen.length, asked.length + 1);
  const text = JSON.stringify(seen).toLowerCase();
  for (const secret of ["hush-7", token, encoded, `=${password}`, fixed.token, "of-this-request"]) assert.ok(!text.includes(secret.toLowerCase()), secret);
  for (const { path } of seen) assert.ok(path.includes("***"), path);
  assert.ok(seen[0].path.endsWith("/x?key=***&page=2"), "and what is none stays");
});

test("reset: no requests, no faults, no tokens, and everything as it was at the start", async () => {
  const box = await open({ tokenLifetime: 500 });
  const made = await signedIn(box, KASSA);
  box.expire("invoicebox");
  box.fault(KASSA, { status: 500, times: Infinity });
  box.reset();
  assert.deepEqual(box.requests(), []);
  await assert.rejects(made.fetch(GOODS[KASSA]), { code: "login_required" });
  await signedIn(box, "invoicebox");
  const { session } = await signedIn(box, KASSA);
  assert.ok(Number(session?.expiresAt) - Date.now() < 501_000, "the options stay");
});

test("latency: no answer comes before it", async () => {
  const box = await open({ latency: 400 });
  const began = performance.now();
  await signedIn(box, "invoicebox");
  assert.ok(performance.now() - began > 395);

  const never = await open({ latency: 0x7fffffff });
  const leave = new AbortController();
  const waiting = fetch(never.urls.invoicebox, { signal: leave.signal }).catch(({ name }) => name);
  await until(() => never.requests().length === 1);
  assert.equal(never.requests()[0].status, 0);
  leave.abort();
  assert.equal(await waiting, "AbortError");
});

/** What a page of another origin asks. @param {string} url @param {RequestInit} [init] */
const fromElsewhere = (url, init) => fetch(url, { ...init, headers: { origin: "http://shop.test", ...init?.headers } });
const preflight = { method: "OPTIONS", headers: { "access-control-request-method": "POST", "access-control-request-headers": "country" } };

test("cors: pages of other origins get answers, also where a fault makes them", async () => {
  const box = await open();
  for (const url of Object.values(box.urls)) {
    const asked = await fromElsewhere(url, preflight);
    assert.equal(asked.status, 204);
    assert.equal(asked.headers.get("access-control-allow-origin"), "http://shop.test");
    assert.equal(asked.headers.get("access-control-allow-methods"), "POST");
    assert.equal(asked.headers.get("access-control-allow-headers"), "country");
  }
  assert.ok(purposes(box).every((purpose) => purpose === "preflight"));
  box.fault("invoicebox", { status: 429, retryAfter: 1 });
  assert.equal((await fromElsewhere(box.urls.invoicebox, preflight)).status, 204, "a fault is not for what a browser asks by itself");
  const response = await fromElsewhere(box.urls.invoicebox);
  assert.equal(response.status, 429);
  assert.equal(response.headers.get("access-control-allow-origin"), "http://shop.test");
  assert.match(response.headers.get("access-control-expose-headers") ?? "", /Retry-After/);
});

test("cors: false: they get none", async () => {
  const box = await open({ cors: false });
  for (const url of Object.values(box.urls)) {
    assert.notEqual((await fromElsewhere(url, preflight)).status, 204);
    assert.equal((await fromElsewhere(url)).headers.get("access-control-allow-origin"), null);
  }
});
