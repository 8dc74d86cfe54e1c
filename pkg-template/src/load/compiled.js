/** For runtimes that compile nothing at run time: they take the module as an import and hand it over compiled. */
import * as core from "./core.js";
import { once } from "./once.js";

/** @param {WebAssembly.Module} module */
export function compiled(module) {
  return once(async () => {
    await core.instantiate(module);
    return core;
  });
}
