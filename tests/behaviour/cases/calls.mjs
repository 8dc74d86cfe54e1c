/** Calls: where a credential goes, and how they end before their time. */
import { failure, ok, refused, same } from "../check.mjs";
import { ACCOUNTS, GOODS } from "../world.mjs";

const KASSA = "bifit-kassa";
const PATH = GOODS[KASSA];

/** @type {Record<string, import("../cases.mjs").Case["run"]>} */
export const calls = {
  "an address may be relative, absolute, a URL or a Request": async ({ signedIn, services, box }) => {
    const client = await signedIn(KASSA);
    const whole = `${services[KASSA].baseUrl}/${PATH}`;
    for (const input of [PATH, `/${PATH}`, whole, new URL(whole), new Request(whole)]) same((await client.fetch(input)).status, 200, String(input));
    same(await box.counts(KASSA), { api: 5 });
  },
  "other origins get no credential, unless they are allowed": async ({ signedIn, services, box }) => {
    const client = await signedIn(KASSA);
    const elsewhere = `${services["smart-satu"].baseUrl}/api/x`;
    await refused(client.fetch(elsewhere), "origin_not_allowed");
    await refused(client.fetch("https://evil.example/"), "origin_not_allowed");
    same(await box.total(), 0);
    const other = await signedIn(KASSA, { allowedOrigins: [new URL(elsewhere).origin] });
    ok((await other.fetch(elsewhere)).status >= 400, "an answer of the other service");
    same((await box.counts("smart-satu")).api, 1);
  },
  "the caller's own Authorization is refused": async ({ signedIn, box }) => {
    const client = await signedIn(KASSA);
    await refused(client.fetch(PATH, { headers: { Authorization: "Bearer x" } }), "invalid_input");
    await refused(client.fetch(PATH, { headers: new Headers([["authorization", "x"]]) }), "invalid_input");
    same(await box.total(), 0);
  },
  "without a session: login_required, and nothing is sent": async ({ create, box }) => {
    const client = await create(KASSA);
    for (const call of [client.fetch(PATH), client.getAccessToken(), client.refresh()]) await refused(call, "login_required");
    same(await box.total(), 0);
  },
  "the Response is the runtime's own, whatever its status": async ({ signedIn, box }) => {
    const client = await signedIn(KASSA);
    await box.fault(KASSA, "api", { kind: "status", status: 418, body: "teapot", contentType: "text/plain" });
    const answer = await client.fetch(PATH);
    ok(answer instanceof Response && answer.body, "a Response with a stream");
    same([answer.status, await answer.text()], [418, "teapot"]);
  },
  "a service's error in an answer is read from a copy": async ({ signedIn, box }) => {
    const client = await signedIn(KASSA);
    await box.fault(KASSA, "api", { kind: "status", status: 403, body: '{"error":"insufficient_scope","error_description":"no"}' });
    const answer = await client.fetch(PATH);
    const problem = await client.problem(answer);
    same([problem?.code, problem?.providerMessage, (await answer.json()).error], ["insufficient_scope", "no", "insufficient_scope"]);
    same(await client.problem(await client.fetch(PATH)), null);
    const bstats = await signedIn("bstats");
    same((await bstats.problem(await bstats.fetch("?app=dossier&method=customer.fail")))?.code, "access_denied");
  },
  "the option fetch is called with an address and an init": async ({ create }) => {
    /** @type {unknown[][]} */
    const seen = [];
    const client = await create(KASSA, { fetch: (/** @type {any[]} */ ...given) => (seen.push(given), fetch(given[0], given[1])) });
    await client.login(ACCOUNTS[KASSA]);
    await client.fetch(PATH);
    same(seen.map(([address, init]) => [typeof address, typeof init]), [["string", "object"], ["string", "object"]]);
    ok(String(new Headers(/** @type {any} */ (seen[1][1]).headers).get("authorization")).startsWith("Bearer "), "a bearer token");
  },
  "a signal that is aborted already: its reason, and nothing is sent": async ({ create, signedIn, box }) => {
    const reason = new Error("not now");
    const signal = AbortSignal.abort(reason);
    const client = await create(KASSA);
    ok((await failure(client.login(ACCOUNTS[KASSA], { signal }))) === reason, "the signal's reason");
    const other = await signedIn(KASSA);
    await box.clear();
    for (const call of [other.fetch(PATH, { signal }), other.refresh({ signal }), other.getAccessToken({ signal, forceRefresh: true })]) ok((await failure(call)) === reason, "the signal's reason");
    same(await box.total(), 0);
  },
  "a login that is aborted on its way: the signal's reason, and the client goes on": async ({ create, box }) => {
    const client = await create(KASSA);
    await box.fault(KASSA, "login", { kind: "hold" });
    const controller = new AbortController();
    const login = failure(client.login(ACCOUNTS[KASSA], { signal: controller.signal }));
    await box.held(KASSA);
    controller.abort();
    same((await login).name, "AbortError");
    same(client.session, null);
    same((await client.login(ACCOUNTS[KASSA])).subject, "120041");
  },
  "a call that is aborted on its way disturbs no other": async ({ signedIn, box }) => {
    const client = await signedIn(KASSA);
    await box.fault(KASSA, "api", { kind: "hold", times: 2 });
    const controller = new AbortController();
    // Two addresses: browsers let only one request for the same one go at a time.
    const calls = [failure(client.fetch(`${PATH}?n=1`, { signal: controller.signal })), client.fetch(`${PATH}?n=2`)];
    await box.held(KASSA, 2);
    controller.abort("enough");
    same(await calls[0], "enough");
    await box.release(KASSA);
    same((await calls[1]).status, 200);
  },
  "one who waits for a renewal may leave it to the others": async ({ signedIn, box }) => {
    const client = await signedIn(KASSA);
    await box.fault(KASSA, "refresh", { kind: "hold" });
    const controller = new AbortController();
    const leaving = failure(client.refresh({ signal: controller.signal }));
    const staying = client.refresh();
    await box.held(KASSA);
    controller.abort();
    same((await leaving).name, "AbortError");
    await box.release(KASSA);
    ok(await staying);
    same(await box.counts(KASSA), { refresh: 1 });
  },
  "a login that takes too long: timeout": async ({ create, box }) => {
    await box.fault(KASSA, "login", { kind: "hold", times: -1 });
    const client = await create(KASSA, { timeout: 200, retries: 0 });
    const error = await refused(client.login(ACCOUNTS[KASSA]), "timeout");
    same([error.fault, error.retryable, error.status, client.session], ["network", true, null, null]);
  },
  "a call's own timeout goes before the client's, and a late renewal keeps the session": async ({ signedIn, box }) => {
    const client = await signedIn(KASSA, { retries: 0 });
    await box.fault(KASSA, "refresh", { kind: "hold" });
    await refused(client.refresh({ timeout: 200 }), "timeout");
    ok(client.session, "the session");
    await refused(client.refresh({ timeout: -1 }), "invalid_input");
  },
};
