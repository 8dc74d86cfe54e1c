import { invalid } from "./errors.js";

/** The longest time that a timer of JavaScript can wait, milliseconds. */
const LONGEST = 2_147_483_647;

/**
 * Keys of the client begin with "propusk:" already, so that nothing need stand before them. Both times are shorter than
 * those that a client has patience for, with its lock and with its store: so it passes over several dead holders in
 * turn, and is told why the store failed.
 */
export const DEFAULTS = { prefix: "", lockTtl: 5_000, timeout: 4_000 };

/**
 * The options as they count: those that were left out, or are undefined, by their defaults.
 *
 * @param {unknown} options
 * @returns {typeof DEFAULTS}
 */
export function read(options) {
  const { prefix, lockTtl, timeout } = /** @type {typeof DEFAULTS} */ (own(options, "redisStore", DEFAULTS));
  needPrefix(prefix, "redisStore");
  for (const [name, value] of Object.entries({ lockTtl, timeout })) {
    if (!Number.isInteger(value) || value < 1 || value > LONGEST) {
      throw invalid(`the option \`${name}\` of \`redisStore\` must be a whole number of milliseconds from 1 to ${LONGEST}`);
    }
  }
  return { prefix, lockTtl, timeout };
}

/**
 * @param {unknown} options
 * @param {string} taker
 * @returns {{ prefix: string }}
 */
export function readPrefix(options, taker) {
  const { prefix } = /** @type {{ prefix: string }} */ (own(options, taker, { prefix: DEFAULTS.prefix }));
  needPrefix(prefix, taker);
  return { prefix };
}

/** @param {unknown} prefix @param {string} taker */
function needPrefix(prefix, taker) {
  if (typeof prefix !== "string") throw invalid(`the option \`prefix\` of \`${taker}\` must be a string`);
  if (/^[^{]*\{\}/.test(prefix)) {
    throw invalid(`the option \`prefix\` of \`${taker}\` must not begin its hash tag with "{}"`, "A cluster could keep no two names under it together. Put something between the braces, or take them away.");
  }
}

/**
 * What the object itself says, over the defaults.
 *
 * @param {unknown} options
 * @param {string} taker
 * @param {object} defaults
 */
function own(options, taker, defaults) {
  if (options === undefined) return defaults;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw invalid(`the options of \`${taker}\` must be an object`);
  }
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(defaults, name));
  if (unknown !== undefined) {
    throw invalid(`unknown option of \`${taker}\`: ${JSON.stringify(unknown)}`, `There are: ${Object.keys(defaults).join(", ")}.`);
  }
  return { ...defaults, ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) };
}
