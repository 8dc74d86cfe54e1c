/** The second script of the default entry: the glue, and as text the module that it belongs to. */
import module from "#module.wasm";
import { browserStore } from "../store/browser.js";
import { begin } from "./core.js";
import { bytesOf } from "./letters.js";

export function start() {
  return begin(bytesOf(module), browserStore);
}
