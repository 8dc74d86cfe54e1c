/** Signals that live as long as the program, and are given to every call. */
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { GOODS } from "../support/sandbox.mjs";
import { failure, suite } from "../support/suite.mjs";

const KASSA = "bifit-kassa";
const PATH = GOODS[KASSA];
const { box, later, signedIn } = await suite();

setFlagsFromString("--expose-gc");
/** Collects, also what finalizers let go of. */
async function collect() {
  for (let n = 0; n < 5; n += 1) {
    runInNewContext("gc")();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test("many calls with one signal at once: it has one listener, and Node warns of no leak", async () => {
  /** @type {unknown[]} */
  const warnings = [];
  const warned = (/** @type {unknown} */ warning) => void warnings.push(warning);
  process.on("warning", warned);
  later(() => process.off("warning", warned));
  const client = await signedIn(KASSA);
  const { signal } = new AbortController();
  await box.fault(KASSA, "api", { kind: "hold", times: 20 });
  const calls = Array.from({ length: 20 }, () => client.fetch(PATH, { signal }));
  await box.held(KASSA, 20);
  assert.equal(getEventListeners(signal, "abort").length, 1);
  await box.release(KASSA);
  for (const response of await Promise.all(calls)) assert.equal((await response.json()).ok, true);
  await Promise.all(Array.from({ length: 20 }, () => client.refresh({ signal })));
  await new Promise(setImmediate);
  assert.deepEqual([getEventListeners(signal, "abort").length, warnings], [1, []]);
});

test("many calls with one signal that is aborted: all of them end, with its reason", async () => {
  const client = await signedIn(KASSA);
  await box.fault(KASSA, "api", { kind: "hold", times: -1 });
  const controller = new AbortController();
  const calls = Array.from({ length: 20 }, () => failure(client.fetch(PATH, { signal: controller.signal })));
  await box.held(KASSA, 20);
  const reason = new Error("the program ends");
  controller.abort(reason);
  assert.deepEqual(new Set(await Promise.all(calls)), new Set([reason]));
});

test("a signal that lives on keeps no answer", async () => {
  const client = await signedIn(KASSA);
  const { signal } = new AbortController();
  /** @type {WeakRef<Response>[]} */
  const answers = [];
  for (let n = 0; n < 20; n += 1) {
    const response = await client.fetch(PATH, { signal });
    if (n % 2) await response.text();
    answers.push(new WeakRef(response));
  }
  await collect();
  // The last one may still be on the stack.
  assert.ok(answers.filter((answer) => answer.deref()).length <= 1);
  assert.equal(signal.aborted, false);
});

test("an abort in the middle of a body ends it, also after a collection", async () => {
  const client = await signedIn(KASSA);
  for (const read of [
    (/** @type {Response} */ response) => response.text(),
    (/** @type {Response} */ response) => response.clone().text(),
    async (/** @type {Response} */ response) => { for await (const chunk of /** @type {any} */ (response.body)) assert.ok(chunk); },
  ]) {
    await box.fault(KASSA, "api", { kind: "stall" });
    const controller = new AbortController();
    // Wrapped: what is waited for here is the head of the answer, which nobody holds from then on.
    const [reading] = await client.fetch(PATH, { signal: controller.signal }).then((response) => [failure(read(response))]);
    await collect();
    controller.abort();
    assert.equal((await reading).name, "AbortError");
  }
});
