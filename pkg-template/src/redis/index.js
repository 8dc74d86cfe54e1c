/** What `propusk/redis` exports. */
import { calls } from "./calls.js";
import { link } from "./link.js";
import { locking } from "./lock.js";
import { naming } from "./names.js";
import { read } from "./options.js";
import { values } from "./values.js";
import { watching } from "./watch.js";

/**
 * @param {any} client
 * @param {any} [options]
 * @returns {Required<import("../../types/index.js").TokenStore>}
 */
export function redisStore(client, options) {
  const { prefix, lockTtl, timeout } = read(options);
  const redis = link(client);
  const names = naming(prefix, redis.keyPrefix);
  const call = calls(redis, timeout);
  const { get, set, remove, version } = values(call, names);
  return {
    get,
    set,
    delete: remove,
    withLock: locking(call, names, lockTtl),
    watch: watching(redis, names, version),
  };
}
