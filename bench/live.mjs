/** What a client that lives takes: resident memory, the heap and the module's, in a fresh process. Run with `node --expose-gc`. */
import { wasmBytes } from "../tests/support/wasm-memory.mjs";
import { load } from "../tests/support/package.mjs";
import { ACCOUNTS } from "../tests/support/sandbox.mjs";
import { service, TOKEN } from "./service.mjs";
import { table } from "./table.mjs";

const CLIENTS = 2_000;
const KASSA = "bifit-kassa";

const { AuthClient } = await load();
const options = { provider: /** @type {"bifit-kassa"} */ (KASSA), fetch: service(TOKEN) };
/** @type {unknown[]} */
const alive = [];

/** @param {number} count */
async function make(count) {
  for (let n = 0; n < count; n += 1) {
    const client = await AuthClient.create(options);
    await client.login(ACCOUNTS[KASSA]);
    alive.push(client);
  }
}

async function sample() {
  for (let n = 0; n < 3; n += 1) {
    if (!globalThis.gc) throw new Error("run it with node --expose-gc");
    globalThis.gc();
    await new Promise(setImmediate);
  }
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  return { rss, heap: heapUsed + arrayBuffers, module: wasmBytes() };
}

// What the first ones take is taken once: code that gets compiled, and room on the heap that was not there.
await make(CLIENTS / 2);
const before = await sample();
await make(CLIENTS);
const after = await sample();
const each = (/** @type {keyof typeof before} */ what) => Math.round((after[what] - before[what]) / CLIENTS);
table(`A client that is signed in and lives, bytes (${CLIENTS} of them, a token of ${TOKEN} characters each)`, ["", "resident", "heap", "module"], [["propusk", each("rss"), each("heap"), each("module")]]);
console.log(`\n${alive.length} clients were alive at the end.`);
process.exit();
