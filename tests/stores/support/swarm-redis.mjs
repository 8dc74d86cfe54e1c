/** The store in Redis as processes of a swarm open it: beside the installed package, and not all with the same client. */
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

const CLIENTS = [
  async (/** @type {string} */ url) => require("redis-4").createClient({ url }).on("error", () => {}).connect(),
  async (/** @type {string} */ url) => require("redis-5").createClient({ url }).on("error", () => {}).connect(),
  async (/** @type {string} */ url) => require("redis").createClient({ url }).on("error", () => {}).connect(),
  async (/** @type {string} */ url) => new (require("ioredis-5").Redis)(url).on("error", () => {}),
  async (/** @type {string} */ url) => new (require("ioredis").Redis)(url).on("error", () => {}),
];

/**
 * @param {{ url: string, store: object }} options
 * @param {(name: string) => Promise<any>} load
 */
export async function open({ url, store }, load) {
  const { redisStore } = await load("propusk/redis");
  return redisStore(await CLIENTS[process.pid % CLIENTS.length](url), store);
}

const CLUSTERS = [
  async (/** @type {any[]} */ servers) => require("redis").createCluster({ rootNodes: servers.map((socket) => ({ socket })) }).on("error", () => {}).connect(),
  async (/** @type {any[]} */ servers) => new (require("ioredis").Cluster)(servers).on("error", () => {}),
];

/**
 * @param {{ servers: { host: string, port: number }[], store: object }} options
 * @param {(name: string) => Promise<any>} load
 */
export async function openCluster({ servers, store }, load) {
  const { redisStore } = await load("propusk/redis");
  return redisStore(await CLUSTERS[process.pid % CLUSTERS.length](servers), store);
}
