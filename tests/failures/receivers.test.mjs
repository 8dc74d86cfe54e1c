/** Methods that are passed around, and clients behind proxies: what a caller does with any object. */
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { inspect } from "node:util";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { failure, suite } from "../support/suite.mjs";

/** @typedef {import("propusk").AuthClient<any>} Client */

const KASSA = "bifit-kassa";
const { propusk, box, create, later } = await suite();

/** All that a client offers to be called. */
const METHODS = /** @type {const} */ ([
  "subscribe", "login", "confirm", "setSession", "authorizationUrl", "loginWithRedirect", "handleRedirect", "refresh",
  "getAccessToken", "fetch", "problem", "check", "logout", "close",
]);

/** @param {any} client a client, or what stands in its place */
async function use(client) {
  /** @type {string[]} */
  const reasons = [];
  const stop = client.subscribe((/** @type {any} */ _, /** @type {string} */ reason) => void reasons.push(reason));
  assert.deepEqual([client.provider, client.session], [KASSA, null]);
  await client.ready;
  assert.equal((await client.login(ACCOUNTS[KASSA])).subject, "120041");
  assert.equal(client.session.subject, "120041");
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
  const before = await client.getAccessToken();
  await client.refresh();
  assert.notEqual(await client.getAccessToken(), before);
  assert.equal((await client.problem(new Response("", { status: 401 })))?.code, "invalid_token");
  for (const name of ["confirm", "authorizationUrl", "handleRedirect", "loginWithRedirect", "check"]) {
    const { name: type } = await failure(client[name]("123456"));
    assert.equal(type, "AuthError", name);
  }
  await client.logout();
  stop();
  assert.deepEqual([client.session, reasons], [null, ["login", "refresh", "logout"]]);
  client.close();
  assert.equal((await failure(client.getAccessToken())).code, "closed");
}

/** What may stand in a client's place. @type {Record<string, (client: Client) => any>} */
const PLACES = {
  "a proxy without traps": (client) => new Proxy(client, {}),
  "a proxy that watches": (client) => new Proxy(client, { get: (target, key, receiver) => Reflect.get(target, key, receiver) }),
  "a proxy of a proxy": (client) => new Proxy(new Proxy(client, {}), {}),
  "an object that inherits from it": (client) => Object.create(client),
  "a frozen one": (client) => Object.freeze(client),
};

for (const [what, place] of Object.entries(PLACES)) {
  test(`a client works in the place of which stands ${what}`, async () => use(place(await create(KASSA))));
}

test("methods that are taken apart work as they do on the client", async () => {
  const client = await create(KASSA);
  const methods = Object.fromEntries(METHODS.map((name) => [name, /** @type {any} */ (client)[name]]));
  const { provider } = client;
  await use({
    ...methods,
    provider,
    get session() {
      return client.session;
    },
    ready: /** @type {any} */ (client).ready,
  });
});

for (const receiver of [undefined, null, 5, {}, globalThis]) {
  test(`methods may be called on ${receiver === globalThis ? "the global object" : JSON.stringify(receiver)}`, async () => {
    const client = await create(KASSA);
    const call = (/** @type {string} */ name, /** @type {unknown[]} */ ...given) => Reflect.apply(/** @type {any} */ (client)[name], receiver, given);
    await call("login", ACCOUNTS[KASSA]);
    assert.equal((await call("fetch", GOODS[KASSA])).status, 200);
    assert.equal(typeof (await call("getAccessToken")), "string");
    await call("logout");
    call("close");
    assert.equal((await failure(call("refresh"))).code, "closed");
  });
}

test("`fetch` is an option of other clients, as it is", async () => {
  const client = await create(KASSA);
  await client.login(ACCOUNTS[KASSA]);
  /** @param {{ fetch: typeof globalThis.fetch }} options */
  const createClient = ({ fetch }) => ({ goods: () => fetch(GOODS[KASSA]).then(({ status }) => status) });
  assert.equal(await createClient({ fetch: client.fetch }).goods(), 200);
  assert.deepEqual(await Promise.all([GOODS[KASSA]].map((path) => client.fetch(path).then(({ status }) => status))), [200]);
});

test("`create`, taken from the class, makes a client", async () => {
  const { create: make } = propusk.AuthClient;
  const client = await make({ provider: KASSA, baseUrl: box.services[KASSA].baseUrl });
  later(() => client.close());
  assert.equal((await client.login(ACCOUNTS[KASSA])).subject, "120041");
});

test("two clients whose methods are mixed up stay two", async () => {
  const [one, other] = [await create(KASSA), await create(KASSA)];
  await one.login.call(other, ACCOUNTS[KASSA]);
  assert.deepEqual([one.session?.subject, other.session], ["120041", null]);
});

test("a method is the same function each time, also behind a proxy, and its client's own", async () => {
  const [one, other] = [await create(KASSA), await create(KASSA)];
  for (const name of METHODS) {
    const { [name]: method } = /** @type {any} */ (one);
    assert.equal(typeof method, "function", name);
    assert.ok(method === /** @type {any} */ (one)[name] && method === /** @type {any} */ (new Proxy(one, {}))[name], name);
    assert.notEqual(method, /** @type {any} */ (other)[name], name);
  }
});

test("a client shows nothing but its name", async () => {
  const client = await create(KASSA);
  await client.login(ACCOUNTS[KASSA]);
  assert.deepEqual([inspect(client), inspect(client, { getters: true }), JSON.stringify(client), Object.keys(client)], ["AuthClient {}", "AuthClient {}", "{}", []]);
});

test("a method may be replaced, as tests do, and put back", async () => {
  const [client, other] = [await create(KASSA), await create(KASSA)];
  const { getAccessToken } = client;
  const own = async () => "replaced";
  client.getAccessToken = own;
  assert.equal(await client.getAccessToken(), "replaced");
  assert.notEqual(other.getAccessToken, own);
  client.getAccessToken = getAccessToken;
  assert.equal((await failure(client.getAccessToken())).code, "login_required");
});

test("a method may be watched, as tests do, and goes on", async () => {
  const client = await create(KASSA);
  for (const name of METHODS) {
    const spy = mock.method(/** @type {any} */ (client), name);
    if (name === "login") assert.equal((await client.login(ACCOUNTS[KASSA])).subject, "120041");
    if (name === "fetch") assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
    assert.equal(spy.mock.callCount(), Number(name === "login" || name === "fetch"));
    spy.mock.restore();
  }
  const stub = mock.method(client, "fetch", async () => new Response("stub"));
  assert.equal(await (await client.fetch(GOODS[KASSA])).text(), "stub");
  stub.mock.restore();
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
});

test("no secret can be reached from a client: by no property, own or inherited, of it or of its methods", async () => {
  const client = await create(KASSA);
  await client.login(ACCOUNTS[KASSA]);
  const secrets = [await client.getAccessToken(), ACCOUNTS[KASSA].password];
  const seen = new Set();
  const global = new Set(Object.values(Object.getOwnPropertyDescriptors(globalThis)).map(({ value }) => value));
  /** @param {any} value @param {string} path */
  function look(value, path) {
    if (typeof value === "string") assert.ok(!secrets.some((secret) => value.includes(secret)), path);
    if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value) || global.has(value)) return;
    seen.add(value);
    for (const key of Reflect.ownKeys(value)) {
      const { get, value: member } = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(value, key));
      look(get ? attempt(() => Reflect.apply(get, client, [])) : member, `${path}.${String(key)}`);
    }
    look(Object.getPrototypeOf(value), `${path}.[prototype]`);
  }
  look(client, "client");
  for (const name of METHODS) look(/** @type {any} */ (client)[name], name);
  assert.ok(seen.size > 20, "the client was looked through");
});

/** @param {() => unknown} call */
function attempt(call) {
  try {
    return call();
  } catch {
    return undefined;
  }
}
