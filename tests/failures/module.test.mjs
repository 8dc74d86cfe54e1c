/** The module fails, which it never should: everything that waits says so, and the next client starts it anew. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { failure, memory, suite } from "../support/suite.mjs";

/** Makes the module's next call of the host fail, as `unreachable` does: by number of the module started. @type {boolean[]} */
const broken = [];
let started = 0;
const { instantiate } = WebAssembly;

/** Every function that the module imports may fail. @param {any} source @param {any} imports */
async function fragile(source, imports) {
  if (!/node_modules.propusk./.test(new Error().stack ?? "")) return instantiate(source, imports);
  const number = started++;
  const wrapped = Object.fromEntries(
    Object.entries(imports).map(([module, functions]) => [
      module,
      Object.fromEntries(
        Object.entries(/** @type {Record<string, Function>} */ (functions)).map(([name, call]) => [
          name,
          (/** @type {unknown[]} */ ...given) => {
            if (broken[number]) throw new WebAssembly.RuntimeError("unreachable");
            return call(...given);
          },
        ]),
      ),
    ]),
  );
  return instantiate(source, /** @type {any} */ (wrapped));
}
WebAssembly.instantiate = /** @type {any} */ (fragile);

const KASSA = "bifit-kassa";
const { box, create, signedIn } = await suite();

/** What an error says of it. @param {any} error */
function says(error) {
  assert.equal(error.code, "closed");
  assert.match(error.message, /the module of this package has failed/);
  assert.match(error.hint, /Create a new client/);
}

test("everything that waits rejects, on every client of the instance; the next create starts a new one", async () => {
  const client = await signedIn(KASSA, { storage: memory() });
  const other = await signedIn(KASSA);
  for (const purpose of ["refresh", "api"]) await box.fault(KASSA, purpose, { kind: "hold", times: -1 });
  const waiting = [client.refresh(), client.fetch(GOODS[KASSA]), other.refresh()].map(failure);
  await box.held(KASSA, 3);
  const before = started;
  broken[before - 1] = true;
  says(await failure(client.login(ACCOUNTS[KASSA])));
  for (const error of await Promise.all(waiting)) says(error);
  for (const call of [() => client.refresh(), () => other.fetch(GOODS[KASSA]), () => other.getAccessToken(), () => other.logout()]) says(await failure(call()));
  assert.deepEqual([client.session, other.session], [null, null]);
  client.close();

  await box.healed();
  await box.release(KASSA);
  const next = await signedIn(KASSA);
  assert.equal(started, before + 1);
  assert.equal((await next.fetch(GOODS[KASSA])).status, 200);
  assert.equal((await next.refresh()).subject, "120041");
});

test("an answer that comes when the module has failed reaches nobody, and disturbs nobody", async () => {
  /** @type {(answer: Response) => void} */
  let answer = () => {};
  const client = await create(KASSA, { fetch: () => new Promise((resolve) => (answer = resolve)) });
  const login = failure(client.login(ACCOUNTS[KASSA]));
  await new Promise(setImmediate);
  broken[started - 1] = true;
  says(await failure(client.refresh()));
  says(await login);
  const next = await signedIn(KASSA);
  answer(new Response('{"access_token":"a"}'));
  for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
  assert.equal((await next.fetch(GOODS[KASSA])).status, 200);
});

test("while it is in the middle of an answer", async () => {
  const client = await create(KASSA, { fetch: async () => new Response(new ReadableStream({ start: (controller) => (broken[started - 1] = true, controller.close()) })) });
  says(await failure(client.login(ACCOUNTS[KASSA])));
  assert.equal((await (await signedIn(KASSA)).fetch(GOODS[KASSA])).status, 200);
});
