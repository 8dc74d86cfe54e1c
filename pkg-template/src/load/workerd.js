/** Cloudflare Workers: a `.wasm` import is a compiled module. */
import module from "./module.wasm";
import { compiled } from "./compiled.js";

export const load = compiled(module);
