/** Errors: their codes and shapes, what they do not show, and options that are none. */
import { ok, refused, same } from "../check.mjs";
import { ACCOUNTS, GOODS } from "../world.mjs";

const KASSA = "bifit-kassa";

/** @type {Record<string, import("../cases.mjs").Case["run"]>} */
export const errors = {
  "an error has all that the contract says": async ({ create, propusk }) => {
    const client = await create(KASSA);
    const error = await refused(client.login({ ...ACCOUNTS[KASSA], password: "wrong" }), "invalid_credentials");
    ok(error instanceof Error && error instanceof propusk.AuthError && propusk.isAuthError(error), "an AuthError");
    same([error.name, error.provider, error.fault, error.retryable, error.retryAfter], ["AuthError", KASSA, "user", false, null]);
    ok(error.status >= 400 && error.status < 500 && error.message && !error.message.includes("\n"), "a status, and one line");
    ok(propusk.isAuthError(error, "invalid_credentials") && !propusk.isAuthError(error, "network"), "its own code");
    for (const value of [null, undefined, 5, "x", {}, new Error("x"), { name: "AuthError", code: "network" }]) ok(propusk.isAuthError(value) === false, "no AuthError");
  },
  "JSON of an error is plain, and holds no secret": async ({ create }) => {
    const client = await create(KASSA);
    const password = "planted-and-wrong-7Q";
    const error = await refused(client.login({ ...ACCOUNTS[KASSA], password }), "invalid_credentials");
    const told = JSON.parse(JSON.stringify(error));
    same([told.name, told.code, told.provider, told.status, told.fault], ["AuthError", error.code, KASSA, error.status, "user"]);
    const all = [JSON.stringify(error), error.message, String(error.stack), error.hint, error.providerMessage, String(error)].join("\n");
    ok(!all.includes("planted"), "no secret");
  },
  "a service that repeats the token: it is masked": async ({ signedIn, box }) => {
    const client = await signedIn(KASSA, { retries: 0 });
    const token = await client.getAccessToken();
    await box.fault(KASSA, "refresh", { kind: "status", status: 400, body: JSON.stringify({ error: "odd", error_description: `about ${token}` }) });
    const error = await refused(client.refresh(), "invalid_request");
    ok(!JSON.stringify(error).includes(token) && error.providerMessage.includes("***"), "a mask");
  },
  "which answer gives which code": async ({ create, box }) => {
    const client = await create(KASSA, { retries: 0 });
    for (const [status, body, code, fault] of /** @type {[number, string, string, string][]} */ ([
      [400, '{"error":"invalid_client"}', "invalid_client", "caller"],
      [400, '{"error":"its_own"}', "invalid_request", "caller"],
      [400, '{"error":"invalid_grant"}', "invalid_credentials", "user"],
      [403, "", "access_denied", "user"],
      [404, "", "invalid_response", "provider"],
      [429, "", "rate_limited", "provider"],
      [500, "<html>", "server_error", "provider"],
      [200, "<html>", "invalid_response", "provider"],
      [200, "{}", "invalid_response", "provider"],
    ])) {
      await box.fault(KASSA, "login", { kind: "status", status, body });
      const error = await refused(client.login(ACCOUNTS[KASSA]), code, `${status} ${body}`);
      same([error.fault, error.status], [fault, status], `${status} ${body}`);
    }
  },
  "a long wait that the service asks for is told, and not waited for": async ({ create, box }) => {
    await box.fault(KASSA, "login", { kind: "status", status: 429, headers: { "retry-after": "120" } });
    const client = await create(KASSA);
    const error = await refused(client.login(ACCOUNTS[KASSA]), "rate_limited");
    same([error.retryable, error.retryAfter, await box.counts(KASSA)], [true, 120_000, { login: 1 }]);
  },
  "a login is repeated after a failure that passes": async ({ create, box }) => {
    await box.fault(KASSA, "login", { kind: "status", status: 503, times: 2 });
    const client = await create(KASSA);
    same((await client.login(ACCOUNTS[KASSA])).subject, "120041");
    same(await box.counts(KASSA), { login: 3 });
  },
  "a connection that breaks is network, with its cause": async ({ create, box }) => {
    await box.fault(KASSA, "login", { kind: "reset", times: -1 });
    const client = await create(KASSA, { retries: 0 });
    const error = await refused(client.login(ACCOUNTS[KASSA]), "network");
    same([error.fault, error.retryable, error.status], ["network", true, null]);
    ok(error.cause, "a cause");
  },
  "traces: one record a request, and no secret in it": async ({ create }) => {
    /** @type {any[]} */
    const traces = [];
    const client = await create(KASSA, { onTrace: (/** @type {unknown} */ record) => void traces.push(record) });
    await client.login(ACCOUNTS[KASSA]);
    await client.fetch(`${GOODS[KASSA]}?page=2`);
    await client.refresh();
    same(traces.map(({ purpose, method, status, attempt, error }) => [purpose, method, status, attempt, error]), [["login", "POST", 200, 1, null], ["api", "GET", 200, 1, null], ["refresh", "POST", 200, 1, null]]);
    ok(traces[1].url.endsWith("?page=2") && traces.every(({ duration }) => duration >= 0), "addresses and times");
    ok(!JSON.stringify(traces).includes(await client.getAccessToken()), "no token");
  },
  "a token in a query is masked in traces": async ({ signedIn }) => {
    /** @type {any[]} */
    const traces = [];
    const client = await signedIn("bstats", { onTrace: (/** @type {unknown} */ record) => void traces.push(record) });
    await client.fetch(GOODS.bstats);
    const { url } = traces.at(-1);
    ok(url.includes("***") && !url.includes(await client.getAccessToken()), "a masked address");
  },
  "options that are none are invalid_config, which names them": async ({ create, box, propusk }) => {
    for (const wrong of [{ bogus: 1 }, { baseUrl: "nowhere" }, { timeout: 0 }, { timeout: "5" }, { retries: 1.5 }, { refreshBefore: -1 }, { account: "" }, { fetch: "x" }, { now: 5 }, { onTrace: {} }, { allowedOrigins: "x" }, { clientId: "" }, { passwordEncoding: "hex" }]) {
      const [name] = Object.keys(wrong);
      const error = await refused(create(KASSA, wrong), "invalid_config", name);
      ok(error.message.includes(name), `the name ${name} in ${error.message}`);
    }
    for (const options of [undefined, null, 5, [], {}, { provider: "nobody" }, { provider: "constructor" }]) await refused(propusk.AuthClient.create(/** @type {any} */ (options)), "invalid_config");
    await refused(propusk.AuthClient.create(/** @type {any} */ ({ provider: "mobile-smarts" })), "invalid_config");
    same(await box.total(), 0);
  },
  "http to another machine is insecure_url, unless it is allowed": async ({ make }) => {
    await refused(make({ provider: KASSA, baseUrl: "http://warehouse.example" }), "insecure_url");
    ok(await make({ provider: KASSA, baseUrl: "http://warehouse.example", allowInsecure: true }));
  },
};
