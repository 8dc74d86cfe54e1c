import assert from "node:assert/strict";
import { test } from "node:test";
import { swarm } from "./swarm.mjs";

/** What tells that a session has ended. */
const END = ["expire", "logout"];

/**
 * The tests of a store that many processes share.
 *
 * @param {string} name
 * @param {(withKills: boolean) => Promise<import("./swarm.mjs").StoreOrder> | import("./swarm.mjs").StoreOrder} order a new and empty one
 * @param {Pick<import("./swarm.mjs").Swarm, "pauses" | "repeats" | "kills">} [slow] where a dead holder of the lock is not passed over at once
 */
export function swarmTests(name, order, slow = {}) {
  const few = slow.pauses ? 4 : 8;

  test(`${name}: eight processes share a session, and each refresh token is spent once`, async (t) => {
    const { lost, maxSpends, logins, renewals, events } = await swarm({ store: await order(false), grace: 0, lifetime: 2, kill: false, tell: (text) => t.diagnostic(text) });
    assert.deepEqual({ lost, maxSpends, logins }, { lost: 0, maxSpends: 1, logins: 1 });
    assert.ok(renewals > 1, "nothing was renewed");
    assert.deepEqual(events.filter(({ what, reason }) => what === "lost" || END.includes(reason ?? "")), []);
  });

  test(`${name}: where the provider bears with a repetition, no kill ends the session`, async (t) => {
    const { lost, logins, kills, maxSpends, events } = await swarm({ store: await order(true), ...slow, repeats: true, grace: 60, kill: true, tell: (text) => t.diagnostic(text) });
    assert.deepEqual({ lost, logins }, { lost: 0, logins: 1 });
    assert.ok(kills > few && maxSpends > 1, "too few were killed, or none at the wrong moment");
    assert.deepEqual(events.filter(({ what, reason }) => what === "lost" || END.includes(reason ?? "")), []);
  });

  test(`${name}: where it does not, a session ends only by a kill between sending a renewal and storing it`, async (t) => {
    const { lost, kills, cutShort, logins, events } = await swarm({ store: await order(true), ...slow, grace: 0, kill: true, tell: (text) => t.diagnostic(text) });
    assert.ok(kills > few, "too few were killed");
    assert.ok(lost <= cutShort, `${lost} sessions were lost by ${cutShort} kills`);
    if (lost > 0) assert.ok(logins > 1 && events.some(({ what }) => what === "lost"), "nobody signed in again");
  });
}
