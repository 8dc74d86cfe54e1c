import { invalid } from "./errors.js";
import * as ioredis from "./ioredis.js";
import * as nodeRedis from "./node-redis.js";

/**
 * What the store needs of a client, of whichever package it is. Nothing is left with it: no listener, no timer.
 *
 * @typedef {object} Link
 * @property {string} keyPrefix what the client itself puts before every key
 * @property {() => boolean} isReady whether a command would be sent at once, instead of lying in a queue
 * @property {() => boolean} isEnded whether it will not come back by itself
 * @property {() => void} wake connects a client that waits for its first command
 * @property {(words: string[]) => Promise<unknown>} send a script or a command with one key, which is its second word
 * @property {() => ((words: string[]) => Promise<unknown>)[]} nodes one for each server that holds keys
 * @property {(events: Events) => Ear} listen opens a second connection, to hear of changes
 *
 * @typedef {object} Events
 * @property {() => void} ready the connection stands, for the first time or once more: nothing may be subscribed to
 * @property {(channel: string) => void} told
 * @property {() => void} ended it will not come back by itself
 *
 * @typedef {object} Ear
 * @property {boolean} isCluster whether it may be another connection at any time, without a `ready`
 * @property {() => boolean} isReady
 * @property {(channel: string) => Promise<unknown>} subscribe
 * @property {(channel: string) => Promise<unknown>} unsubscribe
 * @property {() => void} close
 */

/** One for a client, however many stores it has. @type {WeakMap<object, Link>} */
const links = new WeakMap();

/**
 * @param {any} client
 * @param {string} taker the function that was given it
 * @returns {Link}
 */
export function link(client, taker) {
  const known = links.get(client);
  if (known) return known;
  const made = make(client, taker);
  links.set(client, made);
  return made;
}

/** @param {any} client @param {string} taker @returns {Link} */
function make(client, taker) {
  if (typeof client === "object" && client !== null) {
    if (typeof client.call === "function" && typeof client.status === "string") return ioredis.link(client);
    if (isCluster(client)) return nodeRedis.linkCluster(client);
    if (isPlain(client)) return nodeRedis.link(client);
  }
  throw invalid(
    `\`${taker}\` needs a connected client of the package \`redis\` or \`ioredis\``,
    "Pass what `await createClient(...).connect()` or `await createCluster(...).connect()` of `redis` gives, or `new Redis(...)` or `new Cluster(...)` of `ioredis`; pools and sentinels will not do.",
  );
}

/** Clusters and sentinels of `redis` take commands in another way. @param {any} client */
function isPlain(client) {
  return client.slots === undefined && client.getMasterNode === undefined && typeof client.sendCommand === "function" && typeof client.isReady === "boolean";
}

/** @param {any} client */
function isCluster(client) {
  return Array.isArray(client.slots) && Array.isArray(client.masters) && typeof client.nodeClient === "function" && typeof client.sendCommand === "function";
}
