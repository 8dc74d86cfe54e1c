/** What is no failure, and yet to be known: told once a client, as Node tells its own warnings. */
import { reason } from "./errors.js";

/** @type {WeakSet<object>} */
const warned = new WeakSet();

/**
 * @param {import("./link.js").Link} redis
 * @param {unknown} [exception]
 */
export function warnUntold(redis, exception) {
  if (warned.has(redis)) return;
  warned.add(redis);
  const why = exception === undefined ? "" : ` (${reason(exception)})`;
  /** @type {any} */ (globalThis).process?.emitWarning?.(
    `Redis does not let changes of sessions be told${why}: others see them when they look. Give its user the right to the channels under the prefix, as in &propusk:*`,
    "PropuskWarning",
  );
}
