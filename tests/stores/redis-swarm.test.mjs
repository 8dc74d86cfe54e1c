/** Eight processes on one session in Redis, with all the clients that the store takes; in the end Redis itself is stopped meanwhile. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { serve } from "./support/redis.mjs";
import { swarmTests } from "./support/swarm-tests.mjs";
import { swarm } from "./support/swarm.mjs";

const server = await serve();
const module = new URL("support/swarm-redis.mjs", import.meta.url).href;
let stores = 0;
/** A shorter lock than usual: most of the time would be spent on waiting for the dead. On a busy machine a process may stand still for a second or two. */
const order = (/** @type {boolean} */ withKills) => ({ module, make: "open", options: { url: server.url, store: { prefix: `swarm-${++stores}:`, ...(withKills && { lockTtl: 3_000 }) } } });

// Seconds pass before a dead holder is passed over, so that what the provider gives again by then has no life left.
swarmTests("redisStore", order, { pauses: { least: 1_000, most: 2_500 }, repeats: true, kills: 12 });

test("redisStore: Redis that is stopped and started again, in good order and by crashes, costs no session", async (t) => {
  /** @type {NodeJS.Signals[]} */
  const signals = ["SIGTERM", "SIGKILL", "SIGTERM", "SIGKILL"];
  const alongside = async () => {
    for (const signal of signals) {
      await sleep(1_500);
      await server.stop(signal);
      await server.start();
    }
  };
  const { lost, maxSpends, logins } = await swarm({ store: order(false), grace: 0, lifetime: 2, kill: false, alongside, tell: (text) => t.diagnostic(text) });
  assert.deepEqual({ lost, maxSpends, logins }, { lost: 0, maxSpends: 1, logins: 1 });
});
