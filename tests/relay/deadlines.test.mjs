/** Deadlines, on a clock that only the test moves: nothing here goes over a socket. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gate, mounting, pieces, refusal, streaming } from "./support/mounted.mjs";

const { relayOf } = await mounting();

/** A relay whose provider is the test, on a clock that only the test moves. @param {import("node:test").TestContext} t */
async function virtual(t) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const called = gate();
  const answer = gate();
  const relay = await relayOf("https://own.test", {
    timeout: 1000,
    fetch: async (/** @type {any} */ _, /** @type {any} */ init) => {
      if (init.body?.getReader) new Response(init.body).arrayBuffer().then(called.resolve, () => {});
      else called.resolve(init);
      init.signal.addEventListener("abort", () => answer.resolve("aborted"));
      return answer.promise.then((given) => (given === "aborted" ? Promise.reject(new Error("aborted")) : given));
    },
  });
  return { relay, called, answer, pass: (/** @type {number} */ ms) => t.mock.timers.tick(ms) };
}

for (const path of ["oauth/token", "protected/x"]) {
  test(`the deadline counts from the arrival, over body and wait: ${path}`, async (t) => {
    const { relay, called, answer, pass } = await virtual(t);
    const { body, write, end } = pieces();
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const response = relay(new Request(`https://app.test/auth/kassa/${path}`, { ...streaming(body), headers: form }));
    await write("grant_type=password");
    pass(600);
    await end();
    await called.promise;
    pass(399);
    pass(1);
    assert.equal(await refusal(await response), "504 timeout");
    assert.equal(await answer.promise, "aborted");
  });
}

test("the deadline is for the head: an answer that has begun may take longer", async (t) => {
  const { relay, called, answer, pass } = await virtual(t);
  const asked = relay(new Request("https://app.test/auth/kassa/protected/x"));
  await called.promise;
  pass(999);
  const { body, write, end } = pieces();
  answer.resolve(new Response(body));
  const response = await asked;
  pass(100_000);
  const text = response.text();
  await write("begun ");
  pass(100_000);
  await write("ended");
  await end();
  assert.equal(await text, "begun ended");
});
