/** Row 14 of the failure table: whatever fails, no error, trace, warning or line on the console shows a secret. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { json } from "../support/recorder.mjs";
import { digest, leaked, plant, plantToken, readable } from "../support/secrets.mjs";
import { CALLBACK, memory, spies, suite } from "../support/suite.mjs";

/** @typedef {import("../support/recorder.mjs").Answer} Answer */
/** @typedef {Awaited<ReturnType<typeof scene>>} Scene */

const { later, make, record } = await suite();

const password = plant("password");
const clientSecret = plant("client secret");
const code = plantToken("code");
const USER = { username: "79990000001", password };
const [ACCESS, REFRESH] = [plantToken("access token"), plantToken("refresh token")];

/** What is printed or reported behind the client's back. @type {unknown[]} */
const aside = [];
const CONSOLE = /** @type {const} */ (["log", "info", "warn", "error", "debug", "trace"]);
const real = Object.fromEntries(CONSOLE.map((name) => [name, console[name]]));
const report = (/** @type {unknown} */ reason) => void aside.push(reason);

before(() => {
  for (const name of CONSOLE) console[name] = (...given) => void aside.push(...given);
  process.on("warning", report);
  process.on("unhandledRejection", report);
});
after(() => {
  Object.assign(console, real);
  process.off("warning", report);
  process.off("unhandledRejection", report);
});
beforeEach(() => void (aside.length = 0));

/** Everything that a careless server could repeat. @param {import("../support/recorder.mjs").Recorded} request */
const echo = ({ url, headers, body }) => [url, body, ...new URLSearchParams(body).values(), JSON.stringify(headers)].join(" ");

/**
 * A signed-in client of a server that can be told to answer otherwise, with everything that a caller might log.
 *
 * @param {object} [options]
 */
async function scene(options) {
  const state = { answer: /** @type {((request: any) => Answer) | null} */ (null) };
  const granted = (/** @type {number} */ n) => json({ access_token: ACCESS + n, refresh_token: REFRESH + n, expires_in: 3600 });
  const server = await record((request, n) => state.answer?.(request) ?? (request.url.endsWith("/token") ? granted(n) : json({ error: "invalid_token", error_description: echo(request) }, 401)));
  const { traces, warnings, hooks } = spies();
  const storage = memory();
  const client = await make({ provider: "bifit-kassa", baseUrl: server.origin, clientSecret, retries: 0, timeout: 500, storage, ...hooks, ...options });
  await client.login(USER);
  return { client, server, state, storage, traces, warnings };
}

/** A client that awaits a callback. @param {Scene} scene */
async function redirecting({ server }) {
  const authorize = { url: "/authorize", query: { client_id: "{client_id}" }, issuer: "https://issuer.example" };
  const form = { client_id: "{client_id}", client_secret: "{client_secret}" };
  const provider = {
    id: "standard",
    baseUrl: server.origin,
    credentials: [],
    params: { client_id: "app", client_secret: clientSecret },
    login: { kind: /** @type {const} */ ("redirect"), authorize, exchange: { url: "/token", form } },
    present: { query: { access_token: "{access_token}" } },
  };
  const client = await make({ provider, redirectUri: CALLBACK, retries: 0 });
  const pending = new URL(await client.authorizationUrl()).searchParams;
  const back = (/** @type {Record<string, string>} */ more) => `${CALLBACK}?${new URLSearchParams({ code, state: pending.get("state") ?? "", iss: authorize.issuer, ...more })}`;
  return { client, back };
}

/** The calls that meet whatever a server answers. @param {import("propusk").AuthClient<any>} client @returns {(() => Promise<unknown>)[]} */
const calls = (client) => [
  () => client.login(USER),
  () => client.refresh(),
  () => client.getAccessToken({ forceRefresh: true }).then(() => null),
  () => client.confirm(password),
  async () => client.problem(await client.fetch("x?own=1")),
  () => client.logout(),
];

/** @param {(request: any) => Answer} answer */
const answering = (answer) => async (/** @type {Scene} */ scene) => {
  scene.state.answer = answer;
  return calls(scene.client);
};
/** The same text in a header, and in a body. @param {number} status @param {string} type @param {(text: string) => string} form */
function body(status, type, form) {
  return answering((request) => {
    const text = echo(request);
    const quoted = text.replace(/["\\]/g, "\\$&");
    const headers = { "content-type": type, "retry-after": "60", "www-authenticate": `Bearer error="x", error_description="${quoted}"` };
    return { status, headers, body: form(text) };
  });
}

/**
 * The failures of the table's other rows, each with what has to be called for it.
 *
 * @type {Record<string, (scene: Scene) => Promise<(() => unknown)[]> | (() => unknown)[]>}
 */
const FAILURES = {
  "3. no refresh_token": answering(() => json({ access_token: ACCESS })),
  "4. 429": body(429, "application/json", (text) => JSON.stringify({ error: text, error_description: text })),
  "4. 500": body(500, "text/plain", (text) => text),
  "4. 502 HTML": body(502, "text/html", (text) => `<html>${text}</html>`),
  "4. 503 JSON": body(503, "application/json", (text) => JSON.stringify({ message: text })),
  "4. 503 with an OAuth error": body(503, "application/json", (text) => JSON.stringify({ error: "temporarily_unavailable", error_description: text })),
  "4. connection reset": async ({ client, server }) => (await server.stop(), calls(client)),
  "4. truncated JSON": answering(() => ({ headers: { "content-type": "application/json" }, body: JSON.stringify({ access_token: ACCESS, refresh_token: REFRESH }).slice(0, -3) })),
  "5. invalid_grant": body(400, "application/json", (text) => JSON.stringify({ error: "invalid_grant", error_description: text })),
  "6. sign-out during refresh": ({ client }) => [() => Promise.all([client.refresh().catch((error) => error), client.logout()])],
  "7. a store that was replaced": ({ client, storage }) => {
    for (const [key, value] of storage.map) storage.map.set(key, value.replaceAll("planted", "other").slice(0, -1));
    return calls(client);
  },
  "12. 307 to another origin": answering((request) => ({ status: 307, headers: { location: `http://127.0.0.1:1/?${new URLSearchParams({ all: echo(request) })}` } })),
  "13. a foreign origin": ({ client }) => [
    () => client.fetch(`http://127.0.0.1:1/?${new URLSearchParams({ password })}`),
    () => client.fetch(`http://user:${encodeURIComponent(password)}@127.0.0.1:1/`),
    () => client.fetch("x", { headers: { authorization: `Bearer ${ACCESS}` } }),
  ],
  "16. a store that fails and tells all": ({ client, storage }) => {
    const all = [...storage.map.values()].join();
    const fail = () => Promise.reject(Object.assign(new Error(all, { cause: { all } }), { record: all, query: [all] }));
    Object.assign(storage, { get: fail, set: fail, delete: fail });
    return calls(client);
  },
  "17. a nonce header": body(401, "application/json", (text) => JSON.stringify({ error: "use_dpop_nonce", error_description: text })),
  "19. a callback that fails, twice": async (scene) => {
    const { client, back } = await redirecting(scene);
    scene.state.answer = (request) => json({ error: "invalid_grant", error_description: echo(request) }, 400);
    return [() => client.handleRedirect(back({})), () => client.handleRedirect(back({}))];
  },
  "21. callbacks that are forged": async (scene) => {
    const { client, back } = await redirecting(scene);
    const forged = [{ state: ACCESS }, { iss: password }, { error: "access_denied", error_description: `no ${code}` }, { code: ACCESS, error: ACCESS, error_description: ACCESS }];
    return forged.map((more) => () => client.handleRedirect(back(/** @type {any} */ (more)))).concat(() => client.handleRedirect(`${back({})}&code=${ACCESS}`));
  },
  "23. lifetimes that are none": answering(() => json({ access_token: ACCESS, refresh_token: REFRESH, expires_in: ACCESS })),
  "24. a token of another type": answering(() => json({ access_token: ACCESS, refresh_token: REFRESH, token_type: REFRESH })),
  "25. a body that never comes": ({ client, server }) => (server.requests.length, [() => client.login(USER, { timeout: 1 }), () => client.refresh({ timeout: 1 })]),
  "28. a storm of 401": ({ client }) => [() => Promise.all(Array.from({ length: 20 }, async () => client.problem(await client.fetch("x"))))],
  "29. a body that cannot be sent again": ({ client }) => [
    async () => client.problem(await client.fetch("x", /** @type {any} */ ({ method: "POST", duplex: "half", body: new Blob(["own"]).stream() }))),
    () => client.fetch("x", /** @type {any} */ ({ method: "GET", body: "own" })),
  ],
  "what a caller gets wrong": ({ client }) => [
    () => client.login({ ...USER, otp: password }),
    () => client.login(/** @type {any} */ ({ password: [password] })),
    () => client.handleRedirect(`${CALLBACK}?code=${encodeURIComponent(code)}`),
    () => client.getAccessToken(/** @type {any} */ ({ minValidity: password })),
    () => make({ provider: "bifit-kassa", clientSecret, bogus: password }),
  ],
  "closed": ({ client }) => (client.close(), calls(client)),
};

for (const [what, prepare] of Object.entries(FAILURES)) {
  for (const how of ["answers", "a fetch that tells all in its errors"]) {
    test(`14. Every failure scanned for the planted secrets: ${what} (${how})`, async () => {
      const failing = { on: false };
      /** @type {typeof fetch} */
      const own = async (input, init) => {
        if (!failing.on) return fetch(input, init);
        const all = `${JSON.stringify(init?.headers)} ${input} ${init?.body} ${decodeURIComponent(String(init?.body).replaceAll("+", " "))}`;
        throw Object.assign(new TypeError(all, { cause: new Error(all) }), { config: { data: init?.body, all } });
      };
      const made = await scene(how === "answers" ? {} : { fetch: own });
      later(() => (failing.on = false));
      const asked = await prepare(made);
      failing.on = true;
      /** @type {unknown[]} */
      const seen = [];
      for (const ask of asked) seen.push(await Promise.resolve().then(ask).catch((error) => error));
      await new Promise(setImmediate);
      assert.ok(seen.length > 0);
      const shown = [...seen, ...made.traces, ...made.warnings, ...aside, made.client.session, made.client].map((value) => readable(value)).join("\n");
      assert.deepEqual(leaked(shown), [], shown.slice(0, 3000));
      assert.ok(!shown.includes(digest(password).slice(0, 20)), "the digest of the password");
    });
  }
}

test("14. The scan itself finds what is planted: in a message, a stack, a cause, JSON and a member", () => {
  for (const secret of [password, clientSecret, code, ACCESS, REFRESH]) {
    const shown = [
      new Error(secret),
      Object.assign(new Error("x"), { stack: secret }),
      new Error("x", { cause: secret }),
      { toJSON: () => secret },
      Object.assign(new Error("x"), { deep: { url: encodeURIComponent(secret) } }),
    ];
    for (const value of shown) {
      assert.equal(leaked(readable(value)).length, 1);
    }
  }
});
