/** The clients that the store in Redis takes, each as its users make it. */
import { createRequire } from "node:module";
import { Redis as Redis6 } from "ioredis";
import { Redis as Redis5 } from "ioredis-5";
import { createClient as createClient6 } from "redis";
import { createClient as createClient4 } from "redis-4";
import { createClient as createClient5 } from "redis-5";
import { loadRedis } from "../../support/package.mjs";
import { later } from "./scratch.mjs";

export const { redisStore } = await loadRedis();

/** @typedef {import("./redis.mjs").Server} Server */

/**
 * @typedef {object} Kind
 * @property {string} name
 * @property {(server: { host: string, port: number }) => Promise<any>} connect a client that is closed after the test
 * @property {(server: { host: string, port: number }) => any} make one that is not connected, and may never be
 * @property {(server: { host: string, port: number }) => any} brittle one that is not connected, and does not come back by itself
 * @property {(client: any) => unknown} close
 * @property {(url: string) => string} source a program's first lines: they make a connected client `redis`, and `quit` to end it
 */

const path = (/** @type {string} */ name) => JSON.stringify(createRequire(import.meta.url).resolve(name));

/** @param {string} version @param {string} name @param {any} create @returns {Kind} */
function nodeRedis(version, name, create) {
  const make = (/** @type {{ host: string, port: number }} */ { host, port }, socket = {}) => {
    const client = create({ socket: { host, port, ...socket } });
    client.on("error", () => {});
    later(() => end(client));
    return client;
  };
  const end = (/** @type {any} */ client) => client.isOpen && (client.destroy ?? client.disconnect).call(client);
  return {
    name: `redis ${version}`,
    make: (server) => make(server),
    brittle: (server) => make(server, { reconnectStrategy: false }),
    connect: async (server) => {
      const client = make(server);
      await client.connect();
      return client;
    },
    close: end,
    source: (url) => `
      import { createRequire } from "node:module";
      const redis = createRequire(import.meta.url)(${path(name)}).createClient({ url: ${JSON.stringify(url)} });
      redis.on("error", () => {});
      const quit = () => (redis.destroy ?? redis.disconnect).call(redis);
      await redis.connect();`,
  };
}

/** @param {string} version @param {string} name @param {any} Redis @returns {Kind} */
function ioredis(version, name, Redis) {
  const make = (/** @type {{ host: string, port: number }} */ { host, port }, options = {}) => {
    const client = new Redis({ host, port, ...options });
    client.on("error", () => {});
    later(() => client.disconnect());
    return client;
  };
  return {
    name: `ioredis ${version}`,
    make: (server) => make(server),
    brittle: (server) => make(server, { retryStrategy: null, lazyConnect: true }),
    connect: async (server) => {
      const client = make(server);
      await new Promise((resolve) => client.once("ready", resolve));
      return client;
    },
    close: (client) => client.disconnect(),
    source: (url) => `
      import { createRequire } from "node:module";
      const { Redis } = createRequire(import.meta.url)(${path(name)});
      const redis = new Redis(${JSON.stringify(url)});
      redis.on("error", () => {});
      const quit = () => redis.disconnect();
      await new Promise((resolve) => redis.once("ready", resolve));`,
  };
}

export const KINDS = [
  nodeRedis("4", "redis-4", createClient4),
  nodeRedis("5", "redis-5", createClient5),
  nodeRedis("6", "redis", createClient6),
  ioredis("5", "ioredis-5", Redis5),
  ioredis("6", "ioredis", Redis6),
];

/** The ones that users get today: for tests in which the client matters less. */
export const CURRENT = KINDS.filter(({ name }) => name.endsWith(" 6"));

/**
 * Lets `before` have a look at each command that a client is about to send.
 *
 * @param {any} client
 * @param {(words: string[]) => unknown} before
 */
export function overhear(client, before) {
  const name = typeof client.call === "function" ? "call" : "sendCommand";
  const send = client[name].bind(client);
  client[name] = (/** @type {any[]} */ ...words) => {
    before(name === "call" ? words : words[0]);
    return send(...words);
  };
  return client;
}
