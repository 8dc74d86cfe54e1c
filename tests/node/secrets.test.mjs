/** No error, trace, warning or session ever shows a secret, whatever goes wrong and whoever repeats it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CALLBACK, spies, suite } from "../support/suite.mjs";
import { digest, leaked, plant, plantToken, readable } from "../support/secrets.mjs";
import { json } from "../support/recorder.mjs";

/**
 * @typedef {import("../support/sandbox.mjs").Service} Service
 * @typedef {import("../support/recorder.mjs").Answer} Answer
 * @typedef {import("../support/recorder.mjs").Recorded} Recorded
 * @typedef {{ options?: object, credentials?: any, grant: Record<string, unknown> }} Case
 */

const { box, create, make, record, rows } = await suite();

const password = plant("password");
const [access, refresh] = [plantToken("access token"), plantToken("refresh token")];
const clientSecret = plant("client secret");
const token = `29078-API:${plantToken("token of Invoicebox")}`;
const CODE = plant("code");
const SECOND = plant("second factor");

const user = { credentials: { username: "79990000001", password } };
const grant = { access_token: access, refresh_token: refresh, token_type: "bearer", expires_in: 3600, id: 1 };

/** @type {[Service, Case][]} */
const CASES = [
  ["bifit-kassa", { ...user, options: { clientSecret }, grant }],
  ["invoicebox", { credentials: { token }, grant: { data: { userId: "7", accessToken: token } } }],
  ["mobile-smarts", { ...user, options: { clientSecret, clientId: "c" }, grant }],
  ["mobile-smarts", { ...user, options: { method: "session-get" }, grant }],
  ["mobile-smarts", { ...user, options: { method: "basic" }, grant: {} }],
  ["mobile-smarts", { credentials: { username: "user", password: plant("plain password", "%&+/=") }, options: { method: "basic", basicEncoding: "plain" }, grant: {} }],
  ["bstats", { grant: { access_token: access } }],
  ["smart-satu", { ...user, options: { credentials: () => user.credentials }, grant: { ...grant, access_token_expiration_time: 4_000_000_000 } }],
  ["smart-satu", { ...user, options: { presentation: "bearer" }, grant: { ...grant, access_token_expiration_time: "4000000000" } }],
];

/** All that a request holds, as a careless server would repeat it: as it came, and decoded. @param {Recorded} request */
function repeated({ url, headers, body }) {
  const type = headers["content-type"] ?? "";
  const fields = type.includes("form") ? [...new URLSearchParams(body)] : type.includes("json") ? Object.entries(JSON.parse(body)) : [];
  const [scheme, credential = ""] = (headers.authorization ?? "").split(/ (.*)/s);
  const query = [...new URL(url, "http://x").searchParams];
  return [url, body, ...fields, ...query, credential, scheme === "Basic" ? Buffer.from(credential, "base64") : ""].join(" | ");
}

/** @type {Record<string, (request: Recorded) => Answer>} */
const ANSWERS = {
  "400 that repeats the request": (request) => json({ error: "invalid_request", error_description: repeated(request) }, 400),
  "401 that repeats the request": (request) => json({ error: "invalid_grant", error_description: repeated(request) }, 401),
  "403 that repeats the request": (request) => json({ error: { code: repeated(request), message: repeated(request) } }, 403),
  "500 that repeats the request": (request) => ({ status: 500, body: repeated(request) }),
  "429 that repeats the request": (request) => ({ status: 429, headers: { "retry-after": "60" }, body: repeated(request) }),
  "400 whose code is the request": (request) => json({ error: repeated(request), message: repeated(request) }, 400),
  "400 that is cut off within a secret": (request) => json({ error: "x", error_description: `${"-".repeat(470)} ${repeated(request)}` }, 400),
  "200 with an error that repeats the request": (request) => json({ error: "invalid_grant", error_description: repeated(request) }),
  "XML that repeats the request": (request) => ({
    status: 400,
    headers: { "content-type": "text/xml" },
    body: `<response><error>x</error><error_description><![CDATA[${repeated(request)}]]></error_description></response>`,
  }),
  "HTML that repeats the request": (request) => ({ status: 502, headers: { "content-type": "text/html" }, body: `<h1>${repeated(request)}</h1>` }),
  "text that is no JSON": (request) => ({ headers: { "content-type": "application/json" }, body: repeated(request) }),
  "a cut token answer": () => ({ headers: { "content-type": "application/json" }, body: JSON.stringify({ access_token: access, refresh_token: refresh }).slice(0, -9) }),
  "a token that can't be one": () => json({ access_token: `${access} ${refresh}`, Access_token: `${access} ${refresh}`, data: {} }),
  "a token of another type": () => json({ access_token: access, refresh_token: refresh, token_type: refresh }),
  "a list of tokens": () => json([access, refresh]),
  "a token within a token": () => json({ access_token: { access_token: access }, data: { userId: { access } } }),
  "a redirect": (request) => ({ status: 302, headers: { location: `http://127.0.0.1:1/?${new URLSearchParams({ all: repeated(request) })}` } }),
};

/** What the option `fetch` may do with an error that tells all. @type {Record<string, (error: Error) => unknown>} */
const FAILURES = {
  "rejects with it": (error) => Promise.reject(error),
  "throws it": (error) => { throw error; },
  "rejects with its text": (error) => Promise.reject(error.message),
  "rejects with an object around it": (error) => Promise.reject({ deep: { deeper: [error, error.message] }, error }),
  "gives its text": (error) => error.message,
  "gives it": (error) => error,
};

/** Signs in at a server of ours, which then goes wrong. @param {Service} provider @param {Case} given @param {object} [more] */
async function scene(provider, given, more) {
  const state = { answer: /** @type {((request: Recorded) => Answer) | null} */ (null) };
  const { origin, stop } = await record((request) => state.answer?.(request) ?? json(given.grant));
  const { traces, warnings, hooks } = spies();
  const client = await make({
    provider,
    baseUrl: origin,
    retries: 0,
    ...(provider === "bstats" && { redirectUri: CALLBACK }),
    ...given.options,
    ...hooks,
    ...more,
  });
  const sign = async () => {
    if (given.credentials) return client.login(given.credentials);
    await client.authorizationUrl({ returnTo: "/" });
    return client.handleRedirect(`${CALLBACK}?${new URLSearchParams({ code: CODE })}`);
  };
  return { state, origin, stop, client, traces, warnings, sign };
}

/** Every call; what they reject with, and what they resolve with where that is no secret. @param {any} client @param {() => Promise<unknown>} sign */
async function everything(client, sign) {
  /** @type {unknown[]} */
  const seen = [];
  const calls = [
    sign,
    () => client.confirm(SECOND),
    () => client.refresh(),
    () => client.getAccessToken({ forceRefresh: true }).then(() => null),
    () => client.check(),
    async () => {
      const response = await client.fetch("goods?own=1");
      return client.problem(response);
    },
    () => client.fetch(`http://user:${encodeURIComponent(password)}@127.0.0.1:9/`),
    () => client.fetch("goods", { headers: { authorization: `Bearer ${access}` } }),
    () => client.handleRedirect(`${CALLBACK}?${new URLSearchParams({ code: CODE, state: access })}`),
    () => client.handleRedirect(`${CALLBACK}?${new URLSearchParams({ error: CODE, error_description: access })}`),
    () => client.login({ username: "u", password, otp: password }),
    () => client.login({ token: `\n${token}`, username: password }),
  ];
  for (const call of calls) seen.push(await call().catch((/** @type {unknown} */ error) => error));
  return seen;
}

/** @param {unknown[]} seen @param {string} [when] */
function assertSilent(seen, when = "here") {
  const text = seen.map((value) => readable(value)).join("\n");
  const found = leaked(text);
  assert.ok(!text.includes(digest(password).slice(0, 20)), `${when}: the digest of the password`);
  assert.deepEqual(found, [], `${when} is shown: ${seen.filter((value) => leaked(readable(value)).length).map((value) => readable(value)).join("\n---\n").slice(0, 2000)}`);
}

test("the search finds what it is meant to find", () => {
  for (const text of [password, encodeURIComponent(password), `${new URLSearchParams({ password })}`, btoa(password), btoa(`user:${password}`), btoa(`u:${password}`), btoa(`us:${password}`), JSON.stringify(password)]) {
    assert.deepEqual(leaked(text), ["password"], text);
  }
  assert.deepEqual(leaked(readable(new Error("x", { cause: { deep: [new URL(`http://x/?p=${encodeURIComponent(password)}`)] } }))), ["password"]);
});

for (const [provider, given] of CASES) {
  const name = [provider, ...Object.values(given.options ?? {}).filter((value) => typeof value === "string" && !leaked(value).length)].join(" ");

  test(`${name}: all is well, and no secret is shown`, async () => {
    const { client, traces, warnings, sign } = await scene(provider, given);
    const seen = await everything(client, sign);
    assertSilent([...seen, ...traces, ...warnings, client.session, client]);
  });

  for (const signedIn of [false, true]) {
    test(`${name}: whatever is answered, ${signedIn ? "after a sign-in" : "from the first request on"}`, async () => {
      for (const [what, answer] of Object.entries(ANSWERS)) {
        const { state, client, traces, warnings, sign } = await scene(provider, given);
        if (signedIn) await sign();
        state.answer = answer;
        const seen = await everything(client, sign);
        await client.logout();
        assertSilent([...seen, ...traces, ...warnings, client.session], what);
      }
    });
  }

  test(`${name}: nobody answers`, async () => {
    const { stop, client, traces, warnings, sign } = await scene(provider, given);
    await sign();
    await stop();
    assertSilent([...(await everything(client, sign)), ...traces, ...warnings]);
  });

  test(`${name}: however the option fetch fails`, async () => {
    for (const [how, fail] of Object.entries(FAILURES)) {
      const failing = { on: false };
      /** @type {typeof fetch} */
      const own = async (input, init) => {
        if (!failing.on) return fetch(input, init);
        const request = new Request(input, init);
        const sent = await request.clone().text();
        const all = `${request.url} ${decodeURIComponent(request.url.replaceAll("+", " "))} ${JSON.stringify([...request.headers])} ${sent}`;
        const error = Object.assign(new Error(all, { cause: new Error(all, { cause: all }) }), { config: { url: request.url, data: sent, request } });
        return /** @type {any} */ (fail(error));
      };
      const { client, traces, warnings, sign } = await scene(provider, given, { fetch: own });
      await sign();
      failing.on = true;
      assertSilent([...(await everything(client, sign)), ...traces, ...warnings], how);
    }
  });
}

/** Where the errors of programs that stand in for fetch keep what was sent. @type {[string, (request: Request, all: string) => unknown][]} */
const PLACES = [
  ["six levels down", (_, all) => ({ a: { b: { c: { d: { e: { f: all } } } } } })],
  ["in the cause of a cause of a cause of a cause of a cause", (_, all) => ({ cause: [1, 2, 3, 4, 5].reduce((cause) => new Error("x", { cause }), new Error(all)) })],
  ["in a Map", (_, all) => ({ config: new Map([["data", all]]) })],
  ["as a name in a Map", (_, all) => ({ config: new Map([[all, 1]]) })],
  ["in a Set", (_, all) => ({ config: new Set([all]) })],
  ["as the name of a member", (_, all) => ({ [all]: 1 })],
  ["in Headers", (request) => ({ headers: new Headers(request.headers) })],
  ["in a Request", (request) => ({ request })],
  ["in URLSearchParams", (_, all) => ({ query: new URLSearchParams({ all }) })],
  ["in a URL", (request) => ({ url: new URL(request.url) })],
  ["in a symbol", (_, all) => ({ [Symbol("own")]: Symbol(all) })],
  ["in an AggregateError", (_, all) => ({ cause: new AggregateError([new Error(all)]) })],
  ["in a toJSON", (_, all) => ({ toJSON: () => all })],
  ["in what inspect is told", (_, all) => ({ [Symbol.for("nodejs.util.inspect.custom")]: () => all })],
];

rows("the cause: an error of the option fetch that keeps what was sent, wherever it keeps it", PLACES, async ([, place]) => {
  for (const [provider, given] of CASES) {
    const failing = { on: false };
    /** @type {typeof fetch} */
    const own = async (input, init) => {
      if (!failing.on) return fetch(input, init);
      const request = new Request(input, init);
      const all = `${request.url} ${JSON.stringify([...request.headers])} ${await request.clone().text()}`;
      throw Object.assign(new Error("it failed"), place(request, all));
    };
    // Without the signs that JSON writes in another way: this is about where a secret is, not how it is written.
    const plain = given.credentials?.password && { ...given, credentials: { ...given.credentials, password: plant("password", "%&+=") } };
    const { client, traces, warnings, sign } = await scene(provider, plain || given, { fetch: own });
    await sign();
    failing.on = true;
    assertSilent([...(await everything(client, sign)), ...traces, ...warnings]);
  }
});

for (const kind of [{ kind: "reset" }, { kind: "truncate" }, { kind: "stall" }, { kind: "status", status: 503 }, { kind: "body", body: "<html>" }]) {
  test(`the sandbox: ${kind.kind} at a login with a password in the address, the form and the header`, async () => {
    await box.fault("mobile-smarts", "login", { ...kind, times: -1 });
    for (const method of ["session-get", "session-post"]) {
      const { traces, warnings, hooks } = spies();
      const client = await create("mobile-smarts", { method, retries: 1, timeout: 500, ...hooks });
      const seen = await everything(client, () => client.login({ username: "user@domain.ru", password }));
      assertSilent([...seen, ...traces, ...warnings]);
    }
  });
}

test("a client that is looked at shows nothing", async () => {
  const { client, sign } = await scene(...CASES[0]);
  await sign();
  assertSilent([client, Object.assign({}, client), client.session]);
});

test("what is wrong with an option is told without what other options hold", async () => {
  for (const wrong of [{ timeout: -1 }, { baseUrl: `https://u:${encodeURIComponent(password)}@x.example` }, { bogus: password }, { storage: password }, { account: 5, clientSecret }]) {
    const seen = await create("bifit-kassa", { clientSecret, ...wrong }).catch((error) => error);
    assert.equal(seen.code, "invalid_config");
    assertSilent([seen]);
  }
});
