/** Which way the relay's module comes in: each entry binds its own. */
import { glue } from "#relay/glue";
import { failure } from "../load/diagnosis.js";
import { later } from "../promises.js";

/** @typedef {BufferSource | WebAssembly.Module} Source */

/** @type {() => Promise<Source> | Source} */
let source = () => Promise.reject(new Error("An entry of the package has to bind a source first"));

/** @param {() => Promise<Source> | Source} own */
export function bind(own) {
  source = own;
}

/** What it was compiled to. @type {WebAssembly.Module | null} */
let compiled = null;

/** A new instance of the module. Rejects with an AuthError. */
export async function instance() {
  try {
    const made = glue(later);
    compiled = await made.instantiate(compiled ?? (await source()));
    return made;
  } catch (error) {
    throw failure(error);
  }
}
