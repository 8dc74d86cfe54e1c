/** `propusk/redis`: one session for many processes and machines, kept in Redis. */
import type { TokenStore } from "./index.js";
import type { StoredSession } from "./node.js";

export type { StoredSession };

/**
 * What is needed of a connected client of the package `redis` (node-redis 4 or later) or `ioredis` (5 or later), of both their
 * clusters as well; tell which by passing the client itself. The package depends on neither.
 */
export interface RedisClient { [method: string]: any }

export interface RedisStoreOptions {
  /** Goes before every name in Redis. Default "": names of sessions begin with "propusk:" already. */
  prefix?: string;
  /**
   * How long a lock outlives its holder, milliseconds. While the holder lives it is extended, several times in that time.
   * Default 5_000.
   */
  lockTtl?: number;
  /** Longest time for anything that is asked of Redis, the wait for a lost connection included, milliseconds. Default 4_000. */
  timeout?: number;
}

/** All that a store can have. */
export interface RedisStore extends Required<TokenStore> {
  /** `task`'s signal is aborted when another may hold the lock by now: Redis could not be reached for too long. */
  withLock<T>(key: string, task: (signal: AbortSignal) => Promise<T>, options?: { signal?: AbortSignal }): Promise<T>;
}

/**
 * A store in Redis 5 or later. Values are strings under `<prefix><key>`, tokens in the clear; what goes with them lies under
 * `<prefix>propusk:{...}`, in the same slot of a cluster. Use a Redis that keeps its data (appendonly yes) and evicts none.
 * A user of its own needs no more than
 * `+eval +get +set +del +pexpire +time +scan +publish +subscribe ~propusk:* &propusk:*` (with the prefix before `propusk`).
 *
 * - What Redis refuses, or does not do within `timeout`, rejects with `storage`. Short outages are waited for. A write that
 *   was given up is not made up for later, when it could overwrite a newer session.
 * - The lock is SET NX PX with a random owner, extended while the task runs and given back by
 *   compare-and-delete. A holder that died is passed over after `lockTtl`; one that lives while Redis is asleep or away keeps its
 *   lock, or is told by its task's signal. A wait whose `signal` is aborted rejects with the
 *   signal's reason; no wait is longer than 29 s.
 * - Changes reach all who watch, this store as well, by publish/subscribe on one more connection: `client.duplicate()`,
 *   open while there is a watch. Messages are empty. After an outage every listener is called, since some may have been missed.
 *   Without the right to publish or to subscribe, a warning of the process says so, and changes are seen when a store looks.
 * - A Redis that came back without its data, or with older data, is `storage` to every store that knew better, and no
 *   logout.
 *
 * The client stays the caller's, to connect and to close; it is given no listener. Errors that it emits are the caller's too: give it one.
 * Another client than those named, or a wrong option, throws `invalid_config`.
 *
 * @example
 * const redis = await createClient({ url: process.env.REDIS_URL }).on("error", console.error).connect();
 * const client = await AuthClient.create({ provider: "bifit-kassa", storage: redisStore(redis) });
 */
export function redisStore(client: RedisClient, options?: RedisStoreOptions): RedisStore;

/** What lies under a prefix, looked for with SCAN, on every server of a cluster; values that are no records of sessions are left out. */
export function listSessions(client: RedisClient, options?: { prefix?: string }): Promise<readonly StoredSession[]>;

/** Forgets one of them, everywhere it is shared; resolves to false when it was not there. Nothing is revoked. */
export function removeSession(
  client: RedisClient,
  session: Pick<StoredSession, "provider" | "account" | "baseUrl">,
  options?: { prefix?: string },
): Promise<boolean>;
