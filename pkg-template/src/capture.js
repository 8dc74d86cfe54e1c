/**
 * What a caller gives, taken at once: its owner may change or wipe it as soon as the call returns. Whether it is right is seen
 * when the second script is there.
 */

/** Stands for what threw when it was read, or has no end: right nowhere. */
const UNREADABLE = Symbol();

/** Deeper than anything that an option takes. */
const DEEPEST = 40;

/** More than any option holds: what is shared would be copied each time. */
const MOST = 10_000;

/** Members that are no data. */
const KEPT = ["signal", "storage"];

/**
 * A copy of the own members of an object, each read once.
 *
 * @param {any} given
 * @returns {any}
 */
export function capture(given) {
  if (typeof given !== "object" || given === null) return given;
  try {
    if (Array.isArray(given)) return [];
    return mapped(given, (value, name) => {
      try {
        return KEPT.includes(name) ? value : copy(value, DEEPEST, { left: MOST });
      } catch {
        return UNREADABLE;
      }
    });
  } catch {
    return UNREADABLE;
  }
}

/** @param {any} value @param {number} depth how much deeper it may go @param {{ left: number }} members how many more it may have @returns {any} */
function copy(value, depth, members) {
  if (!members.left-- || !depth) throw UNREADABLE;
  if (typeof value !== "object" || value === null) return value;
  const inner = (/** @type {any} */ one) => copy(one, depth - 1, members);
  return Array.isArray(value) ? Array.from(value, inner) : mapped(value, inner);
}

/** @param {any} value @param {(member: any, name: string) => any} change */
function mapped(value, change) {
  return Object.fromEntries(Object.keys(value).map((name) => [name, change(value[name], name)]));
}
