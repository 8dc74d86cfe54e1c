/** Rows 1, 2 and 23 of the failure table: lifetimes that are very long, very short, or no lifetimes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../support/package.mjs";
import { ACCOUNTS } from "../support/sandbox.mjs";
import { granting, service, virtual } from "./support/virtual.mjs";

const KASSA = "bifit-kassa";
const DAY = 86_400_000;
/** Longer timers fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;
const { AuthClient } = await load();

/**
 * A signed-in client whose time is virtual.
 *
 * @param {import("node:test").TestContext} t
 * @param {string | undefined} expiresIn what every token answer says, in JSON
 * @param {object} [options]
 */
async function scene(t, expiresIn, options) {
  const time = virtual(t);
  const { counts, fetch, refuse } = service(granting(expiresIn));
  const client = await AuthClient.create({ provider: KASSA, now: time.now, fetch, ...options });
  t.after(() => client.close());
  const session = await client.login(ACCOUNTS[KASSA]);
  /** Token requests after the login. */
  const renewals = () => counts.tokens - 1;
  return { client, session, time, renewals, refuse };
}

for (const days of [30, 365, 36_500]) {
  for (const autoRefresh of [false, true]) {
    test(`1. Lifetime ${days} days: no request in the next minute (autoRefresh: ${autoRefresh})`, async (t) => {
      const { client, session, time, renewals } = await scene(t, String(days * 86_400), { autoRefresh });
      assert.equal(session.expiresAt, time.now() + days * DAY);
      for (let second = 0; second < 60; second += 1) {
        await time.pass(1000);
        await Promise.all([client.getAccessToken(), client.fetch("x"), client.getAccessToken({ minValidity: DAY })]);
      }
      assert.equal(renewals(), 0);
      assert.deepEqual(time.delays.filter((delay) => !(delay >= 0 && delay <= LONGEST_TIMER)), []);
    });
  }
}

test("1. Lifetime 30 days: with autoRefresh, one renewal, and that in the last minute", async (t) => {
  const { client, time, renewals } = await scene(t, String(30 * 86_400), { autoRefresh: true });
  await time.pass(30 * DAY - 61_000, 3_600_000);
  assert.equal(renewals(), 0);
  await time.pass(30_000, 1000);
  assert.equal(renewals(), 1);
  assert.equal(await client.getAccessToken(), "access-2");
});

for (const seconds of [1, 10, 59, 119]) {
  const life = seconds * 1000;

  test(`2. Lifetime shorter than the margin: bounded request count (${seconds} s, renewed on demand)`, async (t) => {
    const { client, time, renewals } = await scene(t, String(seconds));
    for (let n = 0; n < 9; n += 1) {
      await Promise.all([client.fetch("x"), client.getAccessToken()]);
      await time.pass(life / 20);
    }
    assert.equal(renewals(), 0, "renewed in the first half of its life");
    for (let n = 0; n < 200; n += 1) {
      await Promise.all([client.fetch("x"), client.getAccessToken()]);
      await time.pass(life / 20);
    }
    // Ten lives, and never before half of one is over.
    assert.ok(renewals() >= 10 && renewals() <= 20, String(renewals()));
  });

  test(`2. Lifetime shorter than the margin: bounded request count (${seconds} s, autoRefresh)`, async (t) => {
    const { client, time, renewals } = await scene(t, String(seconds), { autoRefresh: true });
    await time.pass(life * 10, life / 20);
    assert.ok(renewals() >= 9 && renewals() <= 20, String(renewals()));
    assert.ok(client.session);
  });
}

test("2. Lifetime shorter than the margin: a burst of calls at its end is one renewal", async (t) => {
  const { client, time, renewals } = await scene(t, "2");
  for (let n = 1; n <= 5; n += 1) {
    await time.pass(2000);
    await Promise.all(Array.from({ length: 50 }, () => client.fetch("x")));
    assert.equal(renewals(), n);
  }
});

/** The moment that a JavaScript date can just show. */
const END_OF_TIME = 8_640_000_000_000_000;

/** What the answer says, in JSON, and the life that it means: null where none is known. @type {[string | undefined, number | null][]} */
const LIVES = [
  ['"3600"', 3_600_000],
  ["3600.5", 3_600_500],
  ['"3600abc"', null],
  ["null", null],
  ["-1", 0],
  ["0", 0],
  ["1e20", END_OF_TIME],
  [undefined, null],
];

for (const [given, life] of LIVES) {
  const name = `23. expires_in ${given ?? "missing"}`;
  const isOver = life === 0;

  test(`${name}: ${life === null ? "an unknown life, which is neither none nor for ever" : "the life that it means"}`, async (t) => {
    const { client, session, time, renewals, refuse } = await scene(t, given);
    assert.equal(session.expiresAt, life === null ? null : Math.min(time.now() + life, END_OF_TIME));
    // A token that is over when it comes is renewed for each call, once, and serves it.
    for (let n = 1; n <= 5; n += 1) {
      await Promise.all(Array.from({ length: 20 }, () => client.fetch("x")));
      assert.equal(renewals(), isOver ? n : 0);
    }
    await time.pass(30 * DAY);
    await client.getAccessToken();
    const renewed = isOver ? 6 : life !== null && life < 30 * DAY ? 1 : 0;
    assert.equal(renewals(), renewed);
    if (isOver) return;
    refuse();
    assert.equal((await client.fetch("x")).status, 200);
    assert.equal(renewals(), renewed + 1);
  });

  test(`${name}: autoRefresh asks no more than twice a second`, async (t) => {
    const { client, time, renewals } = await scene(t, given, { autoRefresh: true });
    await time.pass(20_000, 100);
    assert.ok(isOver ? renewals() > 0 && renewals() <= 40 : renewals() === 0, String(renewals()));
    assert.deepEqual(time.delays.filter((delay) => !(delay >= 0 && delay <= LONGEST_TIMER)), []);
    assert.ok(client.session);
  });
}
