/** Two clocks: ours, or the caller's, and one that is never set. */

/** @typedef {import("./options.js").Options} Options */

/** @param {Options} options */
export function wall({ now }) {
  if (!now) return today();
  try {
    const given = now();
    if (Number.isFinite(given)) return given;
  } catch {
    // Then it is as if it had not been given.
  }
  return today();
}

/** No number where there is none, or the caller has a clock of its own. @param {Options} options */
export function steady({ now }) {
  try {
    return now ? Number.NaN : performance.now();
  } catch {
    return Number.NaN;
  }
}

/** Also in hosts whose `Date.now` throws. */
function today() {
  try {
    return Date.now();
  } catch {
    return performance.timeOrigin + performance.now();
  }
}
