/** The second script of the default entry: the glue and, as text, the module that it belongs to. */
import { instantiate } from "#glue";
import module from "#module.wasm";
import { bytesOf } from "./hex.js";

export * from "./core.js";

export function start() {
  return instantiate(bytesOf(module));
}
