/**
 * @typedef {object} Names
 * @property {string} value where the value is
 * @property {string} record where it stands when it was changed
 * @property {string} lock
 * @property {string} channel where changes are told
 */

/**
 * The names in Redis for a key of the store. All begin with the prefix, for the sake of access lists. Scripts need
 * value and record together, and a cluster asks that both lie in one hash slot: it hashes what stands between the
 * first braces, or all of a name that has none.
 *
 * @param {string} prefix
 * @param {string} before what the client itself puts before every key, though not before channels
 * @returns {(key: string) => Names}
 */
export function naming(prefix, before) {
  return (key) => {
    const value = prefix + key;
    const whole = before + value;
    const record = /\{[^}]+\}/.test(whole) ? `${value}:record` : `${prefix}{${whole}}:record`;
    return { value, record, lock: `${value}:lock`, channel: `${whole}:changed` };
  };
}
