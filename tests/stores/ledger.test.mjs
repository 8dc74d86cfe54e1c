/** What explains a session that was lost in a swarm, and what does not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { lost, strangers, undone, unexplained } from "./support/ledger.mjs";

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

const stop = (/** @type {number[] | null} */ processes, /** @type {number} */ from) => [{ processes, from, to: from }];

test("a misfortune of one of the two explains that a token was sent again, and what follows; one of others, or long before, does not", () => {
  const late = [...story].map((each) => ({ ...each, at: each.at + 100_000 }));
  for (const misfortunes of [stop([1], 100_002), stop([2], 100_002), stop(null, 99_000)]) assert.deepEqual(unexplained(late, [], misfortunes), []);
  for (const misfortunes of [stop([3], 100_002), stop(null, 50_000), stop([1], 100_004)]) assert.equal(unexplained(late, [], misfortunes).length, 2);
});

test("whoever is signed out without a logout or a refusal is told of", () => {
  const entering = event(1, 1, "entering");
  const gone = event(9, 1, "lost");
  assert.deepEqual(lost([entering, gone]), ["process 1 was signed out, at 9"]);
  assert.deepEqual(lost([entering, event(2, 2, "answered", { renewal: "a", status: 401 }), gone]), []);
  assert.deepEqual(lost([entering, event(2, 2, "signing out"), gone]), []);
  assert.deepEqual(lost([event(0, 2, "signing out"), entering, event(2, 2, "signed out"), gone]), []);
  assert.equal(lost([event(-1, 2, "signing out"), event(0, 2, "signed out"), entering, gone]).length, 1);
});

test("a session that is found again after a logout had emptied the store is told of, and a newer login is not", () => {
  const before = [event(1, 1, "stored", { login: 5 }), event(2, 2, "signing out"), event(3, 2, "deleted", { isSigningOut: true })];
  assert.equal(undone([...before, event(5, 1, "found", { began: 4, login: 5 })]).length, 1);
  for (const found of [{ began: 2, login: 5 }, { began: 4, login: 6 }, { began: 4, login: null }]) assert.deepEqual(undone([...before, event(5, 1, "found", found)]), []);
});

test("a session of another account is told of", () => {
  const parties = [{ service: "a" }, { service: "a" }];
  const own = [event(1, 1, "entered", { party: 0, subject: "x" }), event(2, 2, "entered", { party: 1, subject: "y" })];
  assert.deepEqual(strangers(own, parties), []);
  assert.equal(strangers([...own, event(3, 2, "changed", { party: 1, subject: "x" })], parties).length, 1);
  assert.equal(strangers([...own, event(3, 1, "changed", { party: 0, subject: "z" })], parties).length, 1);
});

test("a lock that was passed over, or a store that failed, before anything was stored, or could be looked at, explains that the token was sent again", () => {
  const after = (/** @type {object[]} */ ...more) => [...story, ...more].sort((/** @type {any} */ a, /** @type {any} */ b) => a.at - b.at);
  assert.deepEqual(unexplained(/** @type {any} */ (after(event(9, 1, "passed over"))), []), []);
  assert.equal(unexplained(/** @type {any} */ (after(event(8, 1, "sent", { renewal: "z" }), event(9, 1, "passed over"))), []).length, 2);
  assert.equal(unexplained(/** @type {any} */ (after(event(9, 3, "passed over"))), []).length, 2);
  assert.deepEqual(unexplained(/** @type {any} */ (after(event(2, 1, "warning"))), []), []);
  assert.deepEqual(unexplained(/** @type {any} */ (after(event(2, 2, "warning"))), []), []);
  assert.equal(unexplained(/** @type {any} */ (after(event(2, 2, "warning"), event(2.5, 2, "called"))), []).length, 2);
});
