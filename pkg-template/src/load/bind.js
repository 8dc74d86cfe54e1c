/**
 * Which way the module comes in: each entry of the package binds its own, everything else only asks for `core`.
 */

/** @typedef {import("./core.js").Core} Core an instance of the Rust module, ready to be called */

/** @type {() => Promise<Core>} */
let loader = () => Promise.reject(new Error("An entry of the package has to bind a loader first"));

/** @param {() => Promise<Core>} load */
export function bind(load) {
  loader = load;
}

/**
 * The module, loaded and started at the first call, and again when it has failed. A failure to load is not kept: the next
 * call tries again. Rejects with an AuthError (see failure.js).
 */
export function core() {
  return loader();
}
