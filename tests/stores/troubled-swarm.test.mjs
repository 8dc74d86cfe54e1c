/** Eight processes on one session while, beside the kills, the machine does them wrong: on files, on Redis and on a cluster. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { serve } from "./support/redis.mjs";
import { serveCluster } from "./support/cluster.mjs";
import { later, scratch } from "./support/scratch.mjs";
import { swarm } from "./support/swarm.mjs";
import { asleep, exhausted, full, stopped } from "./support/troubles.mjs";

const REDIS = { module: new URL("support/swarm-redis.mjs", import.meta.url).href };
/** A shorter lock than usual: most of the time would be spent on waiting for the dead. */
const FAST = { lockTtl: 1_500 };
/** A second passes before a dead holder is passed over, so that what the provider gives again by then has no life left. */
const SLOW = { pauses: { least: 1_500, most: 3_000 }, repeats: true };
const END = ["expire", "logout"];

/** A folder on a disk of its own; null where this user may make none. */
function disk() {
  const folder = scratch();
  if (process.platform !== "linux" || spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]).status !== 0) return null;
  later(() => execFileSync("umount", ["-l", folder]));
  return folder;
}

/** @type {[string, () => Promise<{ store: import("./support/swarm.mjs").StoreOrder, troubles: import("./support/swarm.mjs").Trouble[] }>][]} */
const STORES = [
  ["fileStore", async () => {
    const folder = disk();
    const directory = join(folder ?? scratch(), "sessions");
    mkdirSync(directory, { mode: 0o700 });
    return { store: { module: "propusk/node", make: "fileStore", options: { directory } }, troubles: [exhausted, stopped, exhausted, ...(folder ? [full(folder), full(folder)] : [])] };
  }],
  ["redisStore", async () => {
    const server = await serve("--enable-debug-command", "yes");
    return { store: { ...REDIS, make: "open", options: { url: server.url, store: FAST } }, troubles: [asleep([server]), exhausted, stopped, asleep([server])] };
  }],
  ["redisStore on a cluster", async () => {
    const servers = await serveCluster("--enable-debug-command", "yes");
    return { store: { ...REDIS, make: "openCluster", options: { servers: servers.map(({ host, port }) => ({ host, port })), store: FAST } }, troubles: [asleep(servers), exhausted, stopped, asleep(servers)] };
  }],
];

for (const [name, order] of STORES) {
  test(`${name}: whatever the machine does beside the kills, a provider that bears with a repetition loses no session`, { timeout: 180_000 }, async (t) => {
    const { store, troubles } = await order();
    const slow = name === "fileStore" ? {} : SLOW;
    const { lost, troubled, events } = await swarm({ store, troubles, ...slow, grace: 60, kill: true, tell: (text) => t.diagnostic(text), calls: 150 });
    // One that is started while the store does not answer signs in for itself.
    assert.equal(lost, 0);
    assert.ok(Object.keys(troubled ?? {}).length > 1, "nothing went wrong");
    assert.deepEqual(events.filter(({ what, reason }) => what === "lost" || END.includes(reason ?? "")), []);
  });
}
