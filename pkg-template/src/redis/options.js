import { invalid } from "./errors.js";

/** The longest time that a timer of JavaScript can wait, milliseconds. */
const LONGEST = 2_147_483_647;

/**
 * Keys of the client begin with "propusk:" already, so that nothing need stand before them. Both times are shorter than
 * those that a client has patience for, with its lock and with its store: so it passes over several dead holders in
 * turn, and is told why the store failed.
 */
const DEFAULTS = { prefix: "", lockTtl: 3_000, timeout: 4_000 };

/**
 * The options as they count: those that were left out, or are undefined, by their defaults.
 *
 * @param {unknown} options
 * @returns {typeof DEFAULTS}
 */
export function read(options) {
  if (options === undefined) return DEFAULTS;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw invalid("the options of `redisStore` must be an object");
  }
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(DEFAULTS, name));
  if (unknown !== undefined) {
    throw invalid(`unknown option of \`redisStore\`: ${JSON.stringify(unknown)}`, "There are: prefix, lockTtl, timeout.");
  }
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const { prefix, lockTtl, timeout } = { ...DEFAULTS, ...given };
  if (typeof prefix !== "string") throw invalid("the option `prefix` of `redisStore` must be a string");
  for (const [name, value] of Object.entries({ lockTtl, timeout })) {
    if (!Number.isInteger(value) || value < 1 || value > LONGEST) {
      throw invalid(`the option \`${name}\` of \`redisStore\` must be a whole number of milliseconds from 1 to ${LONGEST}`);
    }
  }
  return { prefix, lockTtl, timeout };
}
