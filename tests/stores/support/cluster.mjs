/** A Redis Cluster of three servers on loopback. */
import { Cluster as Cluster6 } from "ioredis";
import { Cluster as Cluster5 } from "ioredis-5";
import { createCluster as createCluster6 } from "redis";
import { createCluster as createCluster4 } from "redis-4";
import { createCluster as createCluster5 } from "redis-5";
import { serve } from "./redis.mjs";
import { later, until } from "./scratch.mjs";

const SLOTS = 16384;

/** @typedef {import("./redis.mjs").Server} Server */

/** The servers, once they agree. @param {...string} settings */
export async function serveCluster(...settings) {
  const servers = await Promise.all([1, 2, 3].map(() => serve("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1", ...settings)));
  for (const [n, server] of servers.entries()) {
    const [from, to] = [n, n + 1].map((part) => Math.floor((SLOTS * part) / servers.length));
    await server.command("CLUSTER", "ADDSLOTS", ...Array.from({ length: to - from }, (_, slot) => String(from + slot)));
    await server.command("CLUSTER", "MEET", "127.0.0.1", String(servers[0].port));
  }
  for (const server of servers) await until(async () => (await server.command("CLUSTER", "INFO")).includes("cluster_state:ok"));
  // Each knows all, and where they are.
  for (const server of servers) await until(async () => (await server.command("CLUSTER", "SLOTS")).length === servers.length);
  return servers;
}

/**
 * A replica of one of them, that holds what its master holds.
 *
 * @param {Server[]} servers
 * @param {Server} master
 * @param {...string} settings
 */
export async function serveReplica(servers, master, ...settings) {
  const replica = await serve("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1", ...settings);
  await replica.command("CLUSTER", "MEET", "127.0.0.1", String(master.port));
  const id = await master.command("CLUSTER", "MYID");
  await until(async () => (await replica.command("CLUSTER", "NODES")).split("\n").filter((/** @type {string} */ line) => line.includes(" connected")).length > servers.length);
  await until(() => replica.command("CLUSTER", "REPLICATE", id).then(() => true, () => false));
  await until(async () => (await replica.command("INFO", "replication")).includes("master_link_status:up"));
  // All know of it: a master that is lost is replaced by the votes of the others.
  for (const server of servers) await until(async () => (await server.command("CLUSTER", "NODES")).includes(`slave ${id}`));
  return replica;
}

/** @param {string} version @param {any} createCluster */
const nodeRedis = (version, createCluster) => ({
  name: `a cluster of redis ${version}`,
  connect: async (/** @type {Server[]} */ servers) => {
    const client = createCluster({ rootNodes: servers.map(({ url }) => ({ url })) });
    client.on("error", () => {});
    await client.connect();
    later(() => client.isOpen && (client.destroy ?? client.disconnect).call(client));
    return client;
  },
});

/** @param {string} version @param {any} Cluster @param {object} [options] */
const ioredis = (version, Cluster, options) => ({
  name: `a cluster of ioredis ${version}`,
  connect: async (/** @type {Server[]} */ servers) => {
    const client = new Cluster(servers.map(({ host, port }) => ({ host, port })), options);
    client.on("error", () => {});
    later(() => client.disconnect());
    await new Promise((resolve) => client.once("ready", resolve));
    return client;
  },
});

export const CLUSTERS = [
  nodeRedis("4", createCluster4),
  nodeRedis("5", createCluster5),
  nodeRedis("6", createCluster6),
  ioredis("5", Cluster5),
  ioredis("6", Cluster6),
  { ...ioredis("6", Cluster6, { keyPrefix: "app:" }), name: "a cluster of ioredis 6 with a keyPrefix" },
];

