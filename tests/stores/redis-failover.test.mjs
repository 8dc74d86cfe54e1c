/** A master of a cluster is lost, and its replica takes over: what was replicated is there, and goes on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadRedis } from "../support/package.mjs";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { spies, suite } from "../support/suite.mjs";
import { redisStore } from "./support/clients.mjs";
import { CLUSTERS, serveCluster, serveReplica } from "./support/cluster.mjs";
import { until } from "./support/scratch.mjs";

const KASSA = "bifit-kassa";
const { listSessions } = await loadRedis();
const { box, create } = await suite();
const QUICK = ["--cluster-node-timeout", "1000", "--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0"];
const role = async (/** @type {import("./support/cluster.mjs").Server} */ server) => (await server.command("ROLE"))[0];

for (const cluster of CLUSTERS.filter(({ name }) => name.endsWith(" 6"))) {
  test(`${cluster.name}: a session that a replica has outlives the loss of its master, and the master that comes back undoes no logout`, { timeout: 180_000 }, async () => {
    const servers = await serveCluster(...QUICK);
    const { warnings, hooks } = spies();
    const storage = redisStore(await cluster.connect(servers));
    const [one, two] = [await create(KASSA, { storage, ...hooks }), await create(KASSA, { storage: redisStore(await cluster.connect(servers)) })];
    await one.login(ACCOUNTS[KASSA]);
    await until(() => two.session !== null);
    /** @type {string[][]} */
    const keys = await Promise.all(servers.map((server) => server.command("KEYS", "propusk:*")));
    const master = servers[keys.findIndex((names) => names.length > 0)];
    const replica = await serveReplica(servers, master, ...QUICK);
    await one.refresh();
    assert.equal(await master.command("WAIT", "1", "60000"), 1);

    await master.stop("SIGKILL");
    // The session goes on meanwhile, in memory if need be.
    assert.equal((await one.fetch(GOODS[KASSA])).status, 200);
    await one.refresh();
    await until(async () => (await role(replica)) === "master");
    const client = await cluster.connect([replica, ...servers.filter((server) => server !== master)]);
    const anew = async () => (await create(KASSA, { storage: redisStore(client) })).session;
    await until(async () => JSON.stringify(await anew()) === JSON.stringify(one.session));
    await until(async () => (await two.getAccessToken()) === (await one.getAccessToken()));
    assert.deepEqual((await listSessions(client)).map(({ provider }) => provider), [KASSA]);
    assert.equal((await box.families(KASSA)).reuseDetected, 0);
    for (const { code } of warnings) assert.equal(code, "storage");

    await one.logout();
    await until(() => two.session === null);
    await until(async () => (await anew()) === null);
    await master.start();
    await until(async () => (await role(master)) === "slave" && (await master.command("INFO", "replication")).includes("master_link_status:up"));
    assert.equal(await anew(), null);
    assert.deepEqual(await listSessions(client), []);
  });
}
