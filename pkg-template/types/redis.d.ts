/** `propusk/redis`: one session for many processes and machines, kept in Redis. */
import type { TokenStore } from "./index.js";

/**
 * What is needed of a connected client of the package `redis` (node-redis 4 or later) or `ioredis` (5 or later, its
 * cluster included); tell which by passing the client itself. The package depends on neither.
 */
export interface RedisClient { [method: string]: any }

export interface RedisStoreOptions {
  /** Goes before every name in Redis. Default "": names of sessions begin with "propusk:" already. */
  prefix?: string;
  /**
   * How long a lock outlives its holder, milliseconds. While the holder lives it is extended, three times in that time.
   * Default 3_000.
   */
  lockTtl?: number;
  /** Longest time for anything that is asked of Redis, the wait for a lost connection included, milliseconds. Default 4_000. */
  timeout?: number;
}

/**
 * A store in Redis 5 or later. Values are strings under `<prefix><key>`, tokens in the clear; beside each a record tells
 * when it was changed. Use a Redis that keeps its data (appendonly yes) and evicts none.
 *
 * - What Redis refuses, or does not do within `timeout`, rejects with `storage`. Short outages are waited for. A write that
 *   was given up is not made up for later, when it could overwrite a newer session.
 * - The lock (`<prefix><key>:lock`) is SET NX PX with a random owner, extended while the task runs and given back by
 *   compare-and-delete. A holder that died is passed over after `lockTtl`. A wait whose `signal` is aborted rejects with the
 *   signal's reason; the wait has no other end while Redis works and another holder lives.
 * - Changes reach all who watch, this store as well, by publish/subscribe on one more connection: `client.duplicate()`,
 *   open while there is a watch. Messages are empty. After an outage every listener is called, since some may have been missed.
 * - A Redis that came back without its data, or with older data, is `storage` to every store that knew better, and no
 *   logout.
 *
 * The client stays the caller's, to connect and to close. Errors that it emits are the caller's too: give it a listener.
 * Another client than those named, or a wrong option, throws `invalid_config`.
 *
 * @example
 * const redis = await createClient({ url: process.env.REDIS_URL }).on("error", console.error).connect();
 * const client = await AuthClient.create({ provider: "bifit-kassa", storage: redisStore(redis) });
 */
export function redisStore(client: RedisClient, options?: RedisStoreOptions): Required<TokenStore>;
