/** A script that is imported behind the first token: the other half of the module, as texts, and what goes with it. */
export { rest } from "../rest.js";
export { default as texts } from "#rest/module.wasm";
/** The half that it belongs to. */
export const build = __BUILD__;
