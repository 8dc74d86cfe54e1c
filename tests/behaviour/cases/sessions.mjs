/** The session: who hears of it, how it ends, where it may come from; clients that are made at once or closed. */
import { ok, refused, same, thrown } from "../check.mjs";
import { ACCOUNTS, changes, clock, GOODS } from "../world.mjs";

const KASSA = "bifit-kassa";
const PATH = GOODS[KASSA];

/** Tokens that another client of the service has got. @param {import("../world.mjs").World} world */
async function tokens({ create, box }) {
  /** @type {any} */
  let answer;
  const recording = async (/** @type {any} */ address, /** @type {any} */ init) => {
    const response = await fetch(address, init);
    answer = await response.clone().json();
    return response;
  };
  const client = await create(KASSA, { fetch: recording });
  await client.login(ACCOUNTS[KASSA]);
  await box.clear();
  return { accessToken: answer.access_token, refreshToken: answer.refresh_token };
}

/** @type {Record<string, import("../cases.mjs").Case["run"]>} */
export const sessions = {
  "logout: nobody is signed in any more": async ({ signedIn }) => {
    const client = await signedIn(KASSA);
    await client.logout();
    same(client.session, null);
    await refused(client.fetch(PATH), "login_required");
    await client.logout();
    await client.logout({ revoke: false });
  },
  "logout overtakes a renewal and a login": async ({ create, signedIn, box }) => {
    const client = await signedIn(KASSA);
    await box.fault(KASSA, "refresh", { kind: "hold" });
    const renewal = refused(client.refresh(), "aborted");
    await box.held(KASSA);
    await client.logout();
    await renewal;
    same(client.session, null);
    const other = await create(KASSA);
    await box.fault(KASSA, "login", { kind: "hold" });
    const login = refused(other.login(ACCOUNTS[KASSA]), "aborted");
    await box.held(KASSA, 1);
    await other.logout();
    await login;
    same(other.session, null);
  },
  "subscribe: each change with its reason, until it is stopped": async ({ create }) => {
    const client = await create(KASSA);
    /** @type {unknown[]} */
    const heard = [];
    const stop = client.subscribe((session, reason) => void heard.push([reason, session === client.session, session?.subject ?? null]));
    await client.login(ACCOUNTS[KASSA]);
    await client.refresh();
    await client.logout();
    same(heard, [["login", true, "120041"], ["refresh", true, "120041"], ["logout", true, null]]);
    stop();
    await client.login(ACCOUNTS[KASSA]);
    same(heard.length, 3);
  },
  "a listener that throws disturbs neither the client nor the others": async ({ create }) => {
    const client = await create(KASSA, { onWarning: () => {} });
    client.subscribe(() => {
      throw new TypeError("of the listener");
    });
    const reasons = changes(client);
    same((await client.login(ACCOUNTS[KASSA])).subject, "120041");
    same(reasons, ["login"]);
  },
  "setSession: tokens from elsewhere, without a request": async (world) => {
    const { create, box } = world;
    const given = await tokens(world);
    const client = await create(KASSA);
    const reasons = changes(client);
    const session = await client.setSession({ ...given, subject: "120041", scope: ["read"], details: { shop: "5" } });
    same(session, { provider: KASSA, subject: "120041", scope: ["read"], expiresAt: null, renewable: true, details: { shop: "5" } });
    same([await box.total(), await client.getAccessToken()], [0, given.accessToken]);
    same((await client.fetch(PATH)).status, 200);
    await client.refresh();
    ok((await client.getAccessToken()) !== given.accessToken, "a new token");
    same(reasons, ["login", "refresh"]);
  },
  "setSession: what is over by expiresAt is renewed before it is used": async (world) => {
    const given = await tokens(world);
    const time = clock();
    const client = await world.create(KASSA, { now: time.now });
    await client.setSession({ ...given, expiresAt: time.now() + 600_000 });
    same(await client.getAccessToken(), given.accessToken);
    time.pass(600_000);
    ok((await client.getAccessToken()) !== given.accessToken, "a new token");
    same(await world.box.counts(KASSA), { refresh: 1 });
  },
  "setSession: wrong members are invalid_input, and the session stays": async ({ signedIn, create }) => {
    const client = await signedIn(KASSA);
    const { session } = client;
    for (const wrong of [undefined, null, {}, { accessToken: "" }, { accessToken: 5 }, { accessToken: "a b" }, { accessToken: "x", bogus: 1 }, { accessToken: "x", refreshToken: null }, { accessToken: "x", expiresAt: "soon" }, { accessToken: "x", scope: "a" }]) {
      await refused(client.setSession(/** @type {any} */ (wrong)), "invalid_input", JSON.stringify(wrong));
    }
    ok(client.session === session, "the session");
    const basic = await create("mobile-smarts", { method: "basic" });
    await refused(basic.setSession({ accessToken: "x" }), "unsupported");
  },
  "lazy: there at once, sends nothing, and calls wait for it": async ({ lazy, options, box, propusk }) => {
    const client = lazy(options(KASSA));
    ok(client instanceof propusk.AuthClient, "a client");
    same([client.provider, client.session], [KASSA, null]);
    const reasons = changes(client);
    await client.ready;
    same(await box.total(), 0);
    const early = lazy(options(KASSA));
    same((await early.login(ACCOUNTS[KASSA])).subject, "120041");
    same((await early.fetch(PATH)).status, 200);
    await early.logout();
    same(reasons, []);
  },
  "lazy: what create would reject with, ready and the calls reject with": async ({ lazy, propusk }) => {
    for (const wrong of [{ baseUrl: "ftp://x.example" }, { timeout: -1 }, { refreshBefor: 1 }]) {
      const given = /** @type {any} */ ({ provider: KASSA, ...wrong });
      const expected = await refused(propusk.AuthClient.create(given), "invalid_config");
      const client = lazy(given);
      for (const call of [client.ready, client.login(ACCOUNTS[KASSA]), client.getAccessToken(), client.fetch(PATH)]) {
        same((await refused(call, "invalid_config")).message, expected.message);
      }
    }
    for (const wrong of [undefined, null, 5, "bifit-kassa", []]) same(thrown(() => propusk.AuthClient.lazy(/** @type {any} */ (wrong))).code, "invalid_config");
  },
  "methods may be passed around": async ({ signedIn }) => {
    const { fetch, getAccessToken, refresh, logout } = await signedIn(KASSA);
    same((await fetch(PATH)).status, 200);
    const token = await getAccessToken();
    await refresh();
    ok((await getAccessToken()) !== token, "a new token");
    await logout();
  },
  "a client behind a Proxy works": async ({ signedIn }) => {
    const client = new Proxy(await signedIn(KASSA), {});
    same([client.session?.subject, (await client.fetch(PATH)).status], ["120041", 200]);
  },
  "a closed client: what waits and what comes later is closed": async ({ signedIn, create, box }) => {
    const client = await signedIn(KASSA);
    await box.fault(KASSA, "api", { kind: "hold" });
    const other = await create(KASSA);
    await box.fault(KASSA, "login", { kind: "hold" });
    const waiting = refused(other.login(ACCOUNTS[KASSA]), "closed");
    await box.held(KASSA);
    other.close();
    await waiting;
    client.close();
    client.close();
    for (const call of [client.login(ACCOUNTS[KASSA]), client.refresh(), client.getAccessToken(), client.fetch(PATH), client.logout(), client.setSession({ accessToken: "x" })]) {
      same((await refused(call, "closed")).fault, "caller");
    }
  },
  "a client may be disposed of": async ({ signedIn }) => {
    const client = await signedIn(KASSA);
    // Runtimes without the symbol use what the compilers of `using` put in its place.
    const dispose = /** @type {any} */ (client)[Symbol.dispose ?? Symbol.for("Symbol.dispose")];
    if (typeof dispose !== "function") return ok(!Symbol.dispose, "a way to dispose of it");
    dispose.call(client);
    await refused(client.refresh(), "closed");
  },
  "nothing secret can be read off a client": async ({ signedIn }) => {
    const client = await signedIn(KASSA);
    const token = await client.getAccessToken();
    const seen = [JSON.stringify(client.session), JSON.stringify(client) ?? "", String(client), Object.keys(client).join()].join("\n");
    ok(!seen.includes(token) && !seen.includes("secret"), "no secret");
    const error = await refused(client.fetch("https://evil.example/"), "origin_not_allowed");
    ok(!JSON.stringify(error).includes(token), "no token in an error");
  },
};
