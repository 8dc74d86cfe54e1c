/**
 * What is left in memory after many calls and many clients: the heap after a collection, and what the module has taken from
 * the host, which it never gives back. Each kind of work has a process of its own. Run with `node --expose-gc`.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { wasmBytes } from "../tests/support/wasm-memory.mjs";
import { load } from "../tests/support/package.mjs";
import { ACCOUNTS } from "../tests/support/sandbox.mjs";
import { service } from "./service.mjs";
import { table } from "./table.mjs";

const CALLS = 100_000;
const CLIENTS = 10_000;
/** Samples along the way, and what the heap may grow by between the middle and the end and still be called flat, bytes. */
const SAMPLES = 10;
const MARGIN = 512 * 1024;

const { AuthClient } = await load();
const options = { provider: /** @type {const} */ ("bifit-kassa"), fetch: service() };

async function sample() {
  // With turns of the event loop: what finalizers let go of is collected the next time.
  for (let n = 0; n < 3; n += 1) {
    if (!globalThis.gc) throw new Error("run it with node --expose-gc");
    globalThis.gc();
    await new Promise(setImmediate);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heap: heapUsed + arrayBuffers, wasm: wasmBytes() };
}

/** A refusal, as an API gives it: each time another, since a copy keeps hold of what it is a copy of. */
const refused = () => new Response('{"error":"invalid_token","error_description":"over"}', { status: 401, headers: { "content-type": "application/json" } });
const { signal } = new AbortController();

/** What is done, and how often, by a client that is signed in. @type {[string, number, (client: import("propusk").AuthClient<any>) => Promise<unknown>][]} */
const WORK = [
  ["fetch", CALLS, (client) => client.fetch("x")],
  ["fetch with a signal that lives long", CALLS, (client) => client.fetch("x", { signal })],
  ["getAccessToken", CALLS, (client) => client.getAccessToken()],
  ["problem", CALLS, (client) => client.problem(refused())],
  ["refresh", CALLS / 10, (client) => client.refresh()],
  ["create, login, close", CLIENTS, () => lifetime({})],
  ["create, login, close with a store, a listener and autoRefresh", CLIENTS, () => lifetime({ autoRefresh: true, storage: store() })],
  ["create, login, and never closed", CLIENTS / 10, () => lifetime({}, false)],
];

function store() {
  /** @type {Map<string, string>} */
  const map = new Map();
  return {
    get: (/** @type {string} */ key) => map.get(key) ?? null,
    set: (/** @type {string} */ key, /** @type {string} */ value) => void map.set(key, value),
    delete: (/** @type {string} */ key) => void map.delete(key),
    watch: () => () => {},
  };
}

/** @param {object} more @param {boolean} [closes] */
async function lifetime(more, closes = true) {
  const made = await AuthClient.create({ ...options, ...more });
  made.subscribe(() => {});
  await made.login(ACCOUNTS["bifit-kassa"]);
  if (closes) made.close();
}

/** Does one kind of work, and prints the samples. @param {(typeof WORK)[number]} work */
async function measure([, times, work]) {
  const client = await AuthClient.create(options);
  await client.login(ACCOUNTS["bifit-kassa"]);
  const seen = [];
  while (seen.length < SAMPLES) {
    for (let n = 0; n < times / SAMPLES; n += 1) await work(client);
    seen.push(await sample());
  }
  client.close();
  console.log(JSON.stringify(seen));
}

/** The same in another process. @param {string} what @returns {{ heap: number, wasm: number }[]} */
function apart(what) {
  const { status, stdout } = spawnSync(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), what], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  if (status !== 0) throw new Error(`${what}: the process ended with ${status}`);
  return JSON.parse(stdout);
}

function report() {
  const kilobytes = (/** @type {number} */ bytes) => Math.round(bytes / 1024);
  /** @type {(string | number)[][]} */
  const rows = [];
  for (const [what, times] of WORK) {
    const seen = apart(what);
    const [middle, end] = [seen[SAMPLES / 2 - 1], seen[SAMPLES - 1]];
    console.log(`${what}: heap ${seen.map(({ heap }) => kilobytes(heap)).join(" ")} KiB; module ${seen.map(({ wasm }) => kilobytes(wasm)).join(" ")} KiB`);
    // The lowest of the last ones: one sample may have met something that was not yet collected.
    const grown = Math.min(...seen.slice(-2).map(({ heap }) => heap)) - middle.heap;
    const verdict = grown <= MARGIN && end.wasm === middle.wasm ? "flat" : "GROWS";
    rows.push([`${times} × ${what}`, kilobytes(middle.heap), kilobytes(end.heap), kilobytes(middle.wasm), kilobytes(end.wasm), verdict]);
  }
  table(
    `Memory in KiB, after collection; "flat": from the middle to the end the module takes nothing more, and the heap grows by at most ${kilobytes(MARGIN)} KiB`,
    ["", "heap, middle", "heap, end", "module, middle", "module, end", ""],
    rows,
  );
}

const chosen = WORK.find(([what]) => what === process.argv[2]);
if (chosen) await measure(chosen);
else report();
