/** Objects of the caller that throw when they are looked at: every call settles, with an AuthError. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS } from "../support/sandbox.mjs";
import { suite } from "../support/suite.mjs";
import { granting, service } from "./support/virtual.mjs";

const KASSA = "bifit-kassa";
const { propusk, make } = await suite();
const { AuthClient, isAuthError } = propusk;

/** Milliseconds in which a call that waits for nothing has settled. */
const SOON = 12_000;

/** How a call ended, or that it never did. @param {() => unknown} call @returns {Promise<any>} */
async function outcome(call) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, SOON, "it never settled")));
  const settled = (async () => call())().then((value) => ({ value }), (error) => error);
  return Promise.race([settled, late]).finally(() => clearTimeout(timer));
}

const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

const trap = () => {
  throw new RangeError("the caller's own trouble");
};

/** Objects that cannot be read. @type {Record<string, (like: any) => any>} */
const UNREADABLE = {
  "a revoked proxy": revoked,
  "a proxy whose ownKeys throws": (like) => new Proxy(like, { ownKeys: trap }),
  "a proxy whose get throws": (like) => new Proxy(like, { get: trap, getOwnPropertyDescriptor: trap }),
  "a proxy whose every trap throws": (like) => new Proxy(like, { get: trap, has: trap, ownKeys: trap, getOwnPropertyDescriptor: trap, getPrototypeOf: trap }),
  "an object with a getter that throws": (like) => Object.defineProperties({}, Object.fromEntries(Object.keys(like).map((key) => [key, { get: trap, enumerable: true }]))),
};

/** Whether a call ended with that error, or with a value where nothing had to be looked at that throws. @param {any} ended @param {import("propusk").AuthErrorCode} code */
const worksOr = (ended, code) => isAuthError(ended, code) || (typeof ended === "object" && "value" in ended && !(ended instanceof Error));

/** @param {object} [more] */
async function client(more) {
  const { fetch } = service(granting("43199"));
  return make({ provider: KASSA, fetch, ...more });
}

for (const [what, of] of Object.entries(UNREADABLE)) {
  test(`options that are ${what} are invalid_config`, async () => {
    assert.ok(isAuthError(await outcome(() => AuthClient.create(of({ provider: KASSA }))), "invalid_config"));
  });

  test(`a profile that is ${what} is invalid_config`, async () => {
    const profile = { id: "own", baseUrl: "https://own.example", credentials: [], login: { kind: "direct" }, present: {} };
    for (const provider of [of(profile), { ...profile, login: of(profile.login) }, { ...profile, present: { headers: of({ "x-key": "1" }) } }]) {
      assert.ok(isAuthError(await outcome(() => AuthClient.create({ provider })), "invalid_config"));
    }
  });

  test(`a list or a store that is ${what} is invalid_config, unless it can be used`, async () => {
    for (const more of [{ allowedOrigins: of(["https://files.example"]) }, { storage: of({ get: () => null, set: () => {}, delete: () => {} }) }]) {
      const ended = await outcome(() => make({ provider: KASSA, ...more }));
      assert.ok(worksOr(ended, "invalid_config"), String(ended.code ?? ended));
    }
  });

  test(`credentials that are ${what} are invalid_input, and the client works on`, async () => {
    const made = await client();
    assert.ok(isAuthError(await outcome(() => made.login(of(ACCOUNTS[KASSA]))), "invalid_input"));
    assert.ok((await made.login(ACCOUNTS[KASSA])).renewable);
  });

  test(`options of a call that are ${what} are invalid_input, and the client works on`, async () => {
    const made = await client();
    await made.login(ACCOUNTS[KASSA]);
    const given = () => of({ timeout: 1000, signal: AbortSignal.timeout(1000), minValidity: 1, revoke: true });
    for (const call of [
      () => made.login(ACCOUNTS[KASSA], given()),
      () => made.refresh(given()),
      () => made.getAccessToken(given()),
      () => made.check(given()),
    ]) {
      const ended = await outcome(call);
      assert.ok(worksOr(ended, "invalid_input") || isAuthError(ended, "unsupported"), `${call}: ${ended.code ?? ended}`);
    }
    assert.equal((await made.fetch("x")).status, 200);
  });

  test(`what is fetched and is ${what} settles, and the client works on`, async () => {
    const made = await client();
    await made.login(ACCOUNTS[KASSA]);
    for (const call of [() => made.fetch(of({ url: "x", method: "GET" })), () => made.fetch("x", of({ method: "GET", headers: {} })), () => made.fetch("x", { headers: of({ a: "1" }) })]) {
      const ended = await outcome(call);
      assert.ok(worksOr(ended, "invalid_input"), `${call}: ${ended.code ?? ended}`);
    }
    assert.equal((await made.fetch("x")).status, 200);
  });

  test(`tokens that are ${what} are invalid_input`, async () => {
    const made = await client();
    assert.ok(isAuthError(await outcome(() => made.setSession(of({ accessToken: "abc" }))), "invalid_input"));
    assert.equal(made.session, null);
  });

  test(`an answer of the caller's fetch that is ${what} settles`, async () => {
    const made = await client({ fetch: async () => of({ status: 200, headers: {}, body: null, ok: true }), retries: 0 });
    const error = await outcome(() => made.login(ACCOUNTS[KASSA]));
    assert.ok(isAuthError(error), String(error));
    assert.ok(["network", "invalid_response"].includes(error.code), error.code);
  });

  test(`what is asked about as a problem and is ${what} settles`, async () => {
    const made = await client();
    const ended = await outcome(() => made.problem(of({ status: 401, headers: {} })));
    assert.ok(worksOr(ended, "invalid_input"), String(ended.code ?? ended));
  });

  test(`\`isAuthError\` answers no to ${what}`, () => {
    assert.equal(isAuthError(of({ name: "AuthError", code: "network" })), false);
  });
}

test("a callback that throws, or gives what cannot be read, ends in an AuthError", async () => {
  for (const now of [trap, () => NaN, () => /** @type {any} */ (revoked())]) {
    const made = await outcome(() => client({ now }));
    if (isAuthError(made)) continue;
    const error = await outcome(() => made.value.login(ACCOUNTS[KASSA]));
    assert.ok(error.value || isAuthError(error), String(error));
  }
  for (const fetch of [trap, () => revoked(), () => ({ get then() { return trap(); } }), () => Promise.reject(revoked()), () => Promise.reject(undefined)]) {
    const made = await client({ fetch, retries: 0 });
    assert.ok(isAuthError(await outcome(() => made.login(ACCOUNTS[KASSA])), "network"), String(fetch));
  }
});

/** Header names and values that no request can carry. */
const HEADERS = [{ "X A": "1" }, { "": "1" }, { "X:A": "1" }, { "X\nA": "1" }, { "Имя": "1" }, { "X-A": "a\r\nX-Evil: 1" }, { "X-A": "a\u0000b" }, { "X-A": "a\nb" }];

for (const headers of HEADERS) {
  test(`a profile with the header ${JSON.stringify(headers)} is refused by \`create\`, which names it`, async () => {
    const base = { id: "own", baseUrl: "https://own.example", credentials: ["token"] };
    for (const provider of [
      { ...base, login: { kind: "direct" }, present: { headers } },
      { ...base, login: { kind: "request", request: { url: "/login", headers } }, present: {} },
      { ...base, login: { kind: "request", request: { url: "/login" } }, renew: { url: "/renew", headers }, present: {} },
    ]) {
      const error = await outcome(() => AuthClient.create(/** @type {any} */ ({ provider })));
      assert.ok(isAuthError(error, "invalid_config"), String(error.code ?? error));
      assert.match(`${error.message} ${error.hint}`, /header/i);
    }
  });
}
