/**
 * Tells whether a lock may have ended because its holder, alive, could not reach Redis: for as long as a holder is waited for after an outage of half the time
 * that a lock lasts, or more. What Redis does not answer for so long is an outage, too: it may be asleep without breaking a connection. Seen by what is asked alone, and so
 * without a listener on the caller's client.
 *
 * @typedef {ReturnType<typeof outages>} Outages
 */

/** Of the time after which a holder is passed over: how long its lock lasts in Redis. For the rest, Redis being there, its holder is waited for. */
export const LASTS = 0.4;

/** @param {number} ttl milliseconds */
export function outages(ttl) {
  /** When the first question was asked that failed since the last that did not. @type {number | null} */
  let since = null;
  /** Until when the last outage matters. */
  const until = { broken: -Infinity, slow: -Infinity };
  const end = (/** @type {"broken" | "slow"} */ kind, /** @type {number} */ from) => {
    const now = performance.now();
    if (now - from > (ttl * LASTS) / 2) until[kind] = now + ttl;
  };
  return {
    asked() {
      const asked = performance.now();
      return () => {
        if (since !== null) end("broken", since);
        end("slow", asked);
        since = null;
      };
    },
    failed() {
      since ??= performance.now();
    },
    /** "take": there was none; "wait": what was held may be held still; "keep": and Redis may have forgotten that it was. */
    advice() {
      const now = performance.now();
      return now < until.broken ? "keep" : now < until.slow ? "wait" : "take";
    },
  };
}
