/**
 * Tells whether a lock may have ended because its holder, alive, could not reach Redis: for as long as a lock lasts after an outage of half that time or
 * more. What Redis does not answer for so long is an outage, too: it may be asleep without breaking a connection. Seen by what is asked alone, and so
 * without a listener on the caller's client.
 *
 * @typedef {ReturnType<typeof outages>} Outages
 */

/** @param {number} ttl milliseconds */
export function outages(ttl) {
  /** When the first question was asked that has no answer yet, or failed. @type {number | null} */
  let since = null;
  let until = -Infinity;
  const end = (/** @type {number} */ from) => {
    const now = performance.now();
    if (now - from > ttl / 2) until = now + ttl;
  };
  return {
    asked() {
      const asked = performance.now();
      return () => {
        end(since ?? asked);
        since = null;
      };
    },
    failed() {
      since ??= performance.now();
    },
    isRecent: () => performance.now() < until,
  };
}
