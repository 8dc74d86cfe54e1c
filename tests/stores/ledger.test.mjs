/** What explains a session that was lost in a swarm, and what does not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { unexplained } from "./support/ledger.mjs";

const event = (/** @type {number} */ at, /** @type {number} */ process, /** @type {string} */ what, /** @type {object} */ more = {}) => ({ at, process, what, ...more });

/** One renews, two goes on with the new token, and is refused. */
const story = [
  event(1, 1, "sent", { renewal: "a" }),
  event(3, 2, "sent", { renewal: "a" }),
  event(4, 2, "answered", { renewal: "a", status: 200, next: "b" }),
  event(5, 2, "stored"),
  event(6, 3, "sent", { renewal: "b" }),
  event(7, 3, "answered", { renewal: "b", status: 400 }),
];

test("a refused renewal is explained by a kill that cut short the renewal of an earlier token", () => {
  assert.deepEqual(unexplained(story, [{ process: 1, at: 2 }]), []);
});

test("without a kill it is not, nor is a token that is sent again", () => {
  const found = unexplained(story, []);
  assert.equal(found.length, 2);
  assert.match(found[0], /process 2 sent a again/);
  assert.match(found[1], /renewal b of process 3 was refused/);
});

test("a kill of somebody who had sent nothing explains nothing", () => {
  assert.equal(unexplained(story, [{ process: 4, at: 2 }]).length, 2);
});
