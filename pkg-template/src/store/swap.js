/**
 * Puts a value in the place of another one, null being none, in one step and only if that one is there; says whether it
 * was. Stores may have a method under this symbol; not under a name, which a caller's store could have for something else.
 */
export const SWAP = Symbol.for("propusk.swap");

/**
 * @typedef {Required<import("../../types/index.js").TokenStore> & {
 *   [SWAP]: (key: string, expected: string | null, value: string | null) => boolean | Promise<boolean>,
 * }} OwnStore
 */
