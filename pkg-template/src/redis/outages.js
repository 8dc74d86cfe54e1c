/**
 * Tells how long the connection stands again after it was lost, milliseconds; Infinity where it was not.
 *
 * @param {import("./link.js").Link} redis
 */
export function outages(redis) {
  let stood = redis.isReady();
  let since = -Infinity;
  redis.on("ready", () => {
    if (stood) since = performance.now();
    stood = true;
  });
  return () => performance.now() - since;
}
