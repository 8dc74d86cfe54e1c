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
import { asleep, exhausted, full, signedOut, stopped } from "./support/troubles.mjs";

const REDIS = { module: new URL("support/swarm-redis.mjs", import.meta.url).href };
/** A shorter lock than usual: most of the time would be spent on waiting for the dead. On a busy machine a process may stand still for a second or two. */
const FAST = { lockTtl: 3_000 };
const KILLS = { least: 1_500, most: 3_000 };

/** Who shares a store: two accounts of a provider that bears with no repetition, and one of a provider that does. @type {import("./support/swarm.mjs").Party[]} */
const PARTIES = [
  { service: "mobile-smarts", grace: 60 },
  { service: "bifit-kassa", grace: 0 },
  { service: "bifit-kassa", grace: 0, client: { account: "two" }, credentials: { username: "79990000004", password: "пароль" } },
];

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
    return { store: { module: "propusk/node", make: "fileStore", options: { directory } }, troubles: [exhausted, stopped, signedOut, signedOut, ...(folder ? [full(folder), full(folder)] : [])] };
  }],
  ["redisStore", async () => {
    const server = await serve("--enable-debug-command", "yes");
    return { store: { ...REDIS, make: "open", options: { url: server.url, store: FAST } }, troubles: [asleep([server]), exhausted, stopped, signedOut, signedOut] };
  }],
  ["redisStore on a cluster", async () => {
    const servers = await serveCluster("--enable-debug-command", "yes");
    return { store: { ...REDIS, make: "openCluster", options: { servers: servers.map(({ host, port }) => ({ host, port })), store: FAST } }, troubles: [asleep(servers), exhausted, stopped, signedOut, signedOut] };
  }],
];

for (const [name, order] of STORES) {
  test(`${name}: whatever the machine does beside the kills, nobody is signed out but by a logout or a renewal cut short, no logout is undone, and nobody has another's session`, { timeout: 600_000 }, async (t) => {
    const { store, troubles } = await order();
    const { families, troubled, logouts } = await swarm({ store, troubles, parties: PARTIES, pauses: KILLS, kills: 12, repeats: true, kill: true, tell: (text) => t.diagnostic(text), calls: 30 });
    assert.equal(families["mobile-smarts"].revoked, 0);
    assert.deepEqual(Object.keys(troubled ?? {}).sort(), [...new Set(troubles.map(({ name }) => name))].sort());
    assert.ok(logouts > 0, "nobody signed out");
  });
}
