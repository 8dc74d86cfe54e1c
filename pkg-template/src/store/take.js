/**
 * Removes an entry if it still is what was expected, in one step, and says whether it was. Stores may have a method under
 * this symbol; not under a name, which a caller's store could have for something else.
 */
export const TAKE = Symbol.for("propusk.take");

/**
 * @typedef {Required<import("../../types/index.js").TokenStore> & {
 *   [TAKE]: (key: string, expected: string) => boolean | Promise<boolean>,
 * }} OwnStore
 */
