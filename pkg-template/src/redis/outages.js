/**
 * Tells whether a lock may have ended because its holder, alive, could not reach Redis: for as long as a lock lasts
 * after an outage of half that time or more. In a shorter one no lock ends whose holder extends it in time.
 *
 * @param {import("./link.js").Link} redis
 * @param {number} ttl milliseconds
 */
export function outages(redis, ttl) {
  /** @type {number | null} null: it is not lost, or never stood */
  let lost = null;
  let until = -Infinity;
  redis.on("lost", () => {
    lost ??= performance.now();
  });
  redis.on("ready", () => {
    const now = performance.now();
    if (lost !== null && now - lost > ttl / 2) until = now + ttl;
    lost = null;
  });
  return () => performance.now() < until;
}
