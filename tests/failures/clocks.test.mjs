/** Row 18 of the failure table: clocks that are wrong, that are set while a session lives, and that stand still while a machine sleeps. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { clock, suite } from "../support/suite.mjs";
import { run } from "../stores/support/scratch.mjs";

const HOUR = 3_600_000;
const [KASSA, SATU] = /** @type {const} */ (["bifit-kassa", "smart-satu"]);
const { box, create } = await suite();

/** What the clock does, one step after another, and how often the session has been renewed after each. @type {[string, [number, number][]][]} */
const VIRTUAL = [
  ["an hour ahead", [[HOUR, 0], [10.9 * HOUR, 0], [0.2 * HOUR, 1]]],
  ["jump back of an hour", [[-HOUR, 0], [12 * HOUR, 0], [1.1 * HOUR, 1]]],
  ["jump back of ten years", [[-87_660 * HOUR, 0], [0, 0]]],
  ["jump forward of a year", [[8766 * HOUR, 1], [0, 1], [11 * HOUR, 1], [1.1 * HOUR, 2]]],
  ["jump forward of a year, and back", [[8766 * HOUR, 1], [-8766 * HOUR, 1], [0, 1]]],
  ["sleep of 8 h, twice", [[8 * HOUR, 0], [8 * HOUR, 1], [0, 1]]],
];

/** @param {import("propusk").AuthClient<any>} client */
const burst = (client) => Promise.all(Array.from({ length: 20 }, () => client.fetch(GOODS[KASSA]).then(({ status }) => status)));

for (const [what, steps] of VIRTUAL) {
  test(`18. Clock, the option now: ${what}`, async () => {
    const time = clock();
    const client = await create(KASSA, { now: time.now });
    await client.login(ACCOUNTS[KASSA]);
    for (const [ms, renewals] of steps) {
      time.pass(ms);
      assert.deepEqual(new Set(await burst(client)), new Set([200]));
      assert.equal((await box.counts(KASSA)).refresh ?? 0, renewals, `after a step of ${ms / HOUR} h`);
    }
  });
}

for (const hours of [-1, 1]) {
  test(`18. Clock ${hours} h off: a life counts from its own beginning, and is not shortened`, async () => {
    const time = clock(Date.now() + hours * HOUR);
    const client = await create(KASSA, { now: time.now });
    assert.equal((await client.login(ACCOUNTS[KASSA])).expiresAt, time.now() + 43_199_000);
    await burst(client);
    assert.deepEqual(await box.counts(KASSA), { login: 1, api: 20 });
  });

  test(`18. Clock ${hours} h off: a moment of expiry on the server's clock is told by ours`, async () => {
    for (const [clockSkew, off] of [[0, hours], [hours * 3600, 0], [hours * 3600, -hours]]) {
      await box.options(SATU, { clockSkew });
      const time = clock(Date.now() + off * HOUR);
      const client = await create(SATU, { now: time.now, credentials: () => ACCOUNTS[SATU] });
      const { expiresAt } = await client.login(ACCOUNTS[SATU]);
      const life = Number(expiresAt) - time.now();
      // Both the moment and the header that corrects it are told in whole seconds.
      assert.ok(Math.abs(life - 24 * HOUR) < 10_000, `${life} ms`);
      await box.clear();
      assert.equal((await client.fetch(GOODS[SATU])).status, 200);
      assert.deepEqual(await box.counts(SATU), { api: 1 });
    }
  });
}

/** A program whose own clocks are set while it runs. It prints how often its session was renewed, step by step. */
const PROGRAM = `
import { AuthClient } from "propusk";
const { options, account, path, steps } = JSON.parse(process.argv[2]);
const real = [Date.now.bind(Date), performance.now.bind(performance)];
const ahead = [0, 0];
Date.now = () => real[0]() + ahead[0];
performance.now = () => real[1]() + ahead[1];
const client = await AuthClient.create(options);
let renewals = 0;
client.subscribe((_, reason) => (renewals += reason === "refresh"));
await client.login(account);
const said = [];
for (const [wall, steady] of steps) {
  ahead[0] += wall;
  ahead[1] += steady;
  const calls = Array.from({ length: 20 }, () => client.fetch(path).then(({ status }) => status));
  const bad = (await Promise.all(calls)).filter((status) => status !== 200);
  said.push(bad.length ? bad : renewals);
}
client.close();
console.log(JSON.stringify(said));
`;

/** Steps of the wall clock and of the monotonic one; the monotonic one stands still in a sleep. @type {[string, [wall: number, steady: number, renewals: number][]][]} */
const REAL = [
  ["set an hour ahead", [[HOUR, 0, 0], [0, 0, 0]]],
  ["set an hour back: the token is old all the same when its life is over", [[-HOUR, 0, 0], [11 * HOUR, 11 * HOUR, 0], [HOUR, HOUR, 1], [0, 0, 1]]],
  ["set ten years back", [[-87_660 * HOUR, 0, 0], [0, 12 * HOUR, 1], [0, 0, 1]]],
  ["jump forward of a year", [[8766 * HOUR, 0, 1], [0, 0, 1], [11 * HOUR, 11 * HOUR, 1]]],
  ["jump forward of a year, and back", [[8766 * HOUR, 0, 1], [-8766 * HOUR, 0, 1], [0, 0, 1], [12 * HOUR, 12 * HOUR, 2]]],
  ["sleep of 8 h, twice", [[8 * HOUR, 0, 0], [8 * HOUR, 0, 1], [0, 0, 1]]],
  ["sleep of 8 h on a machine whose clocks both go on", [[8 * HOUR, 8 * HOUR, 0], [8 * HOUR, 8 * HOUR, 1], [0, 0, 1]]],
];

for (const autoRefresh of [false, true]) {
  for (const [what, steps] of REAL) {
    test(`18. Clock, the machine's own: ${what} (autoRefresh: ${autoRefresh})`, async () => {
      const options = { provider: KASSA, baseUrl: box.services[KASSA].baseUrl, autoRefresh };
      const order = { options, account: ACCOUNTS[KASSA], path: GOODS[KASSA], steps };
      const said = JSON.parse(await run(PROGRAM, { args: [JSON.stringify(order)] }));
      assert.deepEqual(said, steps.map(([, , renewals]) => renewals));
      assert.equal((await box.families(KASSA)).maxSpends, said.at(-1) ? 1 : 0);
    });
  }
}
