/** That the swarms' own judgement is right: what explains a refusal, and what does not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { cutShort, unexplained } from "./support/ledger.mjs";

/** @typedef {import("./support/ledger.mjs").Event} Event */

/** Events in the order in which they are given. @param {[number, string, Partial<Event>?][]} told @returns {Event[]} */
const events = (...told) => told.map(([process, what, more], n) => ({ process, at: n * 10, what, ...more }));

/** A renewal that goes well. @param {number} process @param {string} renewal @param {string} next @returns {[number, string, Partial<Event>?][]} */
const renewed = (process, renewal, next) => [
  [process, "sent", { renewal }],
  [process, "answered", { renewal, next, status: 200 }],
  [process, "stored"],
];

/** One that is refused. @param {number} process @param {string} renewal @returns {[number, string, Partial<Event>?][]} */
const refused = (process, renewal) => [
  [process, "sent", { renewal }],
  [process, "answered", { renewal, status: 400 }],
];

test("renewals one after another, by whomever: nothing to explain", () => {
  const seen = events(...renewed(1, "a", "b"), ...renewed(2, "b", "c"), ...renewed(1, "c", "d"));
  assert.deepEqual(unexplained(seen, []), []);
  assert.deepEqual(cutShort(seen, []), []);
});

test("a refusal without a kill is not explained", () => {
  assert.equal(unexplained(events(...renewed(1, "a", "b"), ...refused(2, "b")), []).length, 1);
});

test("a kill between sending and storing explains that the token is refused to another", () => {
  const seen = events([1, "sent", { renewal: "a" }], ...refused(2, "a"));
  const kills = [{ process: 1, at: 5 }];
  assert.equal(cutShort(seen, kills).length, 1);
  assert.deepEqual(unexplained(seen, kills), []);
});

test("what a killed process sent reaches the provider last: it explains what is refused of all that came since", () => {
  const seen = events([1, "sent", { renewal: "a" }], ...renewed(2, "a", "b"), ...renewed(3, "b", "c"), ...refused(2, "c"));
  assert.deepEqual(unexplained(seen, [{ process: 1, at: 5 }]), []);
});

test("a kill explains nothing of another session", () => {
  const seen = events([1, "sent", { renewal: "a" }], ...renewed(2, "x", "y"), ...refused(3, "y"));
  assert.equal(unexplained(seen, [{ process: 1, at: 5 }]).length, 1);
});

test("a kill after what came was stored explains nothing", () => {
  const seen = events(...renewed(1, "a", "b"), ...refused(2, "b"));
  const kills = [{ process: 1, at: 25 }];
  assert.deepEqual(cutShort(seen, kills), []);
  assert.equal(unexplained(seen, kills).length, 1);
});

test("a token that a living process has sent is not to be sent again", () => {
  const seen = events([1, "sent", { renewal: "a" }], [2, "sent", { renewal: "a" }]);
  assert.equal(unexplained(seen, []).length, 1);
  assert.deepEqual(unexplained(seen, [{ process: 1, at: 5 }]), []);
});

test("answers that go in a circle are read to an end", () => {
  const seen = events(...renewed(1, "a", "b"), ...renewed(1, "b", "a"), ...refused(2, "b"));
  assert.equal(unexplained(seen, []).length, 2);
});
