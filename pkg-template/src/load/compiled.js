/**
 * For runtimes that compile nothing at run time: they take the module as an import and hand it over compiled. None of them
 * has a browser's stores.
 */
import { glue } from "#whole/glue";
import { rest } from "../rest.js";
import { Stores } from "../stores.js";
import { begin } from "./core.js";
import { once } from "./once.js";

/** @param {WebAssembly.Module} module */
export function compiled(module) {
  return once(() => begin(glue, module, () => ({ Stores, browserStore: null }), rest));
}
