import { invalid } from "./errors.js";
import * as ioredis from "./ioredis.js";
import * as nodeRedis from "./node-redis.js";

/**
 * What the store needs of a client, of whichever package it is.
 *
 * @typedef {object} Link
 * @property {string} keyPrefix what the client itself puts before every key
 * @property {() => boolean} isReady whether a command would be sent at once, instead of lying in a queue
 * @property {() => boolean} isEnded whether it will not come back by itself
 * @property {() => void} wake connects a client that waits for its first command
 * @property {(words: string[]) => Promise<unknown>} send
 * @property {(event: Happening, listener: () => void) => void} on
 * @property {(event: Happening, listener: () => void) => void} off
 * @property {(events: Events) => Ear} listen opens a second connection, to hear of changes
 *
 * @typedef {"ready" | "lost" | "end"} Happening the connection stands; stands no longer; will not come back by itself
 *
 * @typedef {object} Events
 * @property {() => void} ready the connection stands, for the first time or once more: nothing may be subscribed to
 * @property {(channel: string) => void} told
 * @property {() => void} ended it will not come back by itself
 *
 * @typedef {object} Ear
 * @property {() => boolean} isReady
 * @property {(channel: string) => Promise<unknown>} subscribe
 * @property {(channel: string) => Promise<unknown>} unsubscribe
 * @property {() => void} close
 */

/**
 * @param {any} client
 * @returns {Link}
 */
export function link(client) {
  if (typeof client === "object" && client !== null) {
    if (typeof client.call === "function" && typeof client.status === "string") return ioredis.link(client);
    if (isOfNodeRedis(client)) return nodeRedis.link(client);
  }
  throw invalid(
    "`redisStore` needs a connected client of the package `redis` or `ioredis`",
    "Pass what `await createClient(...).connect()` of `redis` gives, or `new Redis(...)` of `ioredis`; of pools, sentinels and clusters, only the cluster of `ioredis` will do.",
  );
}

/**
 * A plain client: clusters and sentinels of that package take commands in another way.
 *
 * @param {any} client
 */
function isOfNodeRedis(client) {
  const isPlain = client.slots === undefined && client.getMasterNode === undefined;
  return isPlain && typeof client.sendCommand === "function" && typeof client.isReady === "boolean";
}
