/** Many calls, and many clients: the module takes no more memory from the host than it took for the first of them. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";

const WORK = ["calls", "renewals", "calls that fail", "clients", "clients with a store, a listener and autoRefresh", "clients that are closed while they work"];

for (const what of WORK) {
  test(`the module's memory does not grow with ${what}`, async (t) => {
    const worker = new Worker(new URL("support/hoard.mjs", import.meta.url), { workerData: what });
    t.after(() => worker.terminate());
    const [[first, second, third]] = await once(worker, "message");
    assert.ok(first > 0);
    assert.equal(third, second, `${first}, ${second}, ${third} bytes`);
  });
}
