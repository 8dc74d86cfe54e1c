/** A worker with a module of its own: does one kind of work in three rounds, and tells what the module has taken from the host after each. */
import { parentPort, workerData } from "node:worker_threads";
import { wasmBytes } from "../../support/wasm-memory.mjs";
import { load } from "../../support/package.mjs";
import { ACCOUNTS } from "../../support/sandbox.mjs";
import { memory } from "../../support/suite.mjs";
import { granting, service } from "./virtual.mjs";

const KASSA = "bifit-kassa";
const ROUNDS = 3;
const { AuthClient } = await load();

/** @param {object} [more] */
async function signedIn(more) {
  const { fetch } = service(granting("43199"));
  const client = await AuthClient.create({ provider: KASSA, fetch, ...more });
  await client.login(ACCOUNTS[KASSA]);
  return client;
}

const refused = () => new Response('{"error":"invalid_token"}', { status: 401, headers: { "content-type": "application/json" } });

/** What is done again and again, by name, and how often in each round. @type {Record<string, [number, () => Promise<() => unknown>]>} */
const WORK = {
  calls: [2000, async () => {
    const client = await signedIn();
    return () => Promise.all([client.fetch("x"), client.fetch("x", { signal: new AbortController().signal }), client.getAccessToken(), client.problem(refused())]);
  }],
  renewals: [1000, async () => {
    const client = await signedIn({ storage: memory() });
    return () => client.refresh();
  }],
  "calls that fail": [1000, async () => {
    const client = await signedIn({ retries: 0 });
    const aborted = AbortSignal.abort();
    const calls = [() => client.fetch("http://127.0.0.1:1/"), () => client.fetch("x", { signal: aborted }), () => client.login(/** @type {any} */ ({})), () => client.handleRedirect("x")];
    return () => Promise.allSettled(calls.map((call) => call()));
  }],
  clients: [500, async () => async () => (await signedIn()).close()],
  "clients with a store, a listener and autoRefresh": [500, async () => async () => {
    const client = await signedIn({ storage: memory(), autoRefresh: true });
    client.subscribe(() => {});
    client.close();
  }],
  "clients that are closed while they work": [500, async () => async () => {
    const client = await signedIn();
    const calls = [client.fetch("x"), client.refresh(), client.login(ACCOUNTS[KASSA])];
    client.close();
    await Promise.allSettled(calls);
  }],
};

const [times, prepare] = WORK[workerData];
const work = await prepare();
const taken = [];
while (taken.length < ROUNDS) {
  for (let n = 0; n < times; n += 1) await work();
  // What was closed is let go of in a later turn.
  await new Promise(setImmediate);
  taken.push(wasmBytes());
}
parentPort?.postMessage(taken);
