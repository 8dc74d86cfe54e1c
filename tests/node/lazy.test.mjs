/** A client that is there at once: for the top level of a module, for frameworks, for code that a server renders. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { CALLBACK, changes, failure, memory, suite } from "../support/suite.mjs";
import { run } from "../stores/support/scratch.mjs";

const KASSA = "bifit-kassa";
const { propusk, box, create, later, signedIn } = await suite();
const { AuthClient, isAuthError } = propusk;

/** @param {any} [options] @returns {import("propusk").AuthClient<any>} */
function lazy(options = {}) {
  const client = AuthClient.lazy({ provider: KASSA, baseUrl: box.services[KASSA].baseUrl, ...options });
  later(() => client.close());
  return client;
}

test("it is there at once, of the same class, and sends nothing", async () => {
  const client = lazy();
  assert.ok(client instanceof AuthClient);
  assert.deepEqual([client.provider, client.session], [KASSA, null]);
  await client.ready;
  assert.equal(await box.total(), 0);
});

test("a call waits until it is ready: sign-in, call, renewal, sign-out", async () => {
  const client = lazy();
  const reasons = changes(client);
  assert.equal((await client.login(ACCOUNTS[KASSA])).subject, "120041");
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
  await client.refresh();
  await client.logout();
  assert.deepEqual(reasons, ["login", "refresh", "logout"]);
});

test("many calls at once, before it is ready, in the order in which they came", async () => {
  const client = lazy();
  const calls = [client.login(ACCOUNTS[KASSA]), client.logout().catch((error) => error)];
  const [first] = await Promise.allSettled(calls);
  assert.equal(first.status === "rejected" && first.reason.code, "aborted");
  assert.equal(client.session, null);
});

test("a stored session is restored, and told of, by the time it is ready", async () => {
  const storage = memory();
  await signedIn(KASSA, { storage });
  const client = lazy({ storage });
  assert.equal(client.session, null);
  const reasons = changes(client);
  await client.ready;
  assert.equal(client.session?.subject, "120041");
  assert.deepEqual(reasons, ["restore"]);
  assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
});

test("elsewhere than in a page nothing is begun before the first call", async () => {
  let reads = 0;
  const storage = { ...memory(), get: () => ((reads += 1), null) };
  const client = lazy({ storage });
  // Time enough for another one to be made.
  await create(KASSA);
  assert.equal(reads, 0);
  await client.ready;
  assert.ok(reads > 0);
});

test("what `create` would reject with, `ready` and each call reject with", async () => {
  for (const options of [{ baseUrl: "nowhere" }, { provider: "nobody" }, { timeout: -1 }, { refreshBefor: 1 }, { storage: 5 }]) {
    const given = { provider: KASSA, ...options };
    const expected = await failure(AuthClient.create(/** @type {any} */ (given)));
    const client = AuthClient.lazy(/** @type {any} */ (given));
    for (const call of [() => client.ready, () => client.login(/** @type {any} */ ({})), () => client.getAccessToken(), () => client.fetch("x"), () => client.refresh(), () => client.ready]) {
      const error = await failure(call());
      assert.ok(isAuthError(error, expected.code), `${JSON.stringify(options)}: ${error}`);
      assert.equal(error.message, expected.message);
    }
    assert.equal(client.session, null);
    client.close();
  }
});

test("what is no object of options is thrown", () => {
  for (const options of [undefined, null, 5, "bifit-kassa", [], () => {}]) {
    assert.throws(() => AuthClient.lazy(/** @type {any} */ (options)), (error) => isAuthError(error, "invalid_config"), String(options));
  }
});

test("a mistake that nobody asks about is no unhandled rejection", async () => {
  const source = `
    import { AuthClient } from "propusk";
    AuthClient.lazy({ provider: "nobody" });
    const other = AuthClient.lazy({ provider: "bifit-kassa", baseUrl: "nowhere" });
    other.subscribe(() => {});
    other.ready;
    // Time enough for another one to be made, and for a turn in which Node tells of rejections.
    (await AuthClient.create({ provider: "bifit-kassa" })).close();
    await new Promise((resolve) => setImmediate(resolve));
    console.log("went on");`;
  assert.equal(await run(source), "went on");
});

test("on a server nothing happens, and a path as baseUrl is no mistake, as long as nothing is called", async () => {
  const source = `
    for (const name of ["fetch", "setTimeout", "setInterval", "setImmediate"]) globalThis[name] = () => { throw new Error(name + " was called"); };
    WebAssembly.instantiate = WebAssembly.compile = () => { throw new Error("a module was started"); };
    const { AuthClient } = await import("propusk");
    const client = AuthClient.lazy({ provider: "bifit-kassa", baseUrl: "/auth/kassa", storage: "local" });
    const stop = client.subscribe(() => {});
    console.log(client.provider, client.session);
    stop();`;
  assert.equal(await run(source), "bifit-kassa null");
});

test("closed before it was ready: calls reject with closed, and nothing starts", async () => {
  const client = lazy();
  const call = failure(client.login(ACCOUNTS[KASSA]));
  client.close();
  assert.equal((await call).code, "closed");
  assert.equal((await failure(client.getAccessToken())).code, "closed");
  assert.equal(await box.total(), 0);
});

test("a call's signal and timeout count while it waits to be ready", async () => {
  const reason = new Error("enough");
  const storage = { ...memory(), get: () => new Promise(() => {}) };
  assert.equal(await failure(lazy({ storage }).login(ACCOUNTS[KASSA], { signal: AbortSignal.abort(reason) })), reason);
  const controller = new AbortController();
  const waiting = failure(lazy({ storage }).refresh({ signal: controller.signal }));
  controller.abort(reason);
  assert.equal(await waiting, reason);
});

test("`ready` of a client that `create` made settles at once", async () => {
  const client = await create(KASSA);
  assert.equal(await client.ready, undefined);
});

test("a redirect provider: the address of its page, and a callback", async () => {
  const client = AuthClient.lazy({ provider: "bstats", baseUrl: box.services.bstats.baseUrl, redirectUri: CALLBACK });
  later(() => client.close());
  assert.equal(new URL(await client.authorizationUrl()).searchParams.get("redirect_uri"), CALLBACK);
  assert.equal(await client.handleRedirect("http://127.0.0.1:5173/elsewhere"), null);
});
