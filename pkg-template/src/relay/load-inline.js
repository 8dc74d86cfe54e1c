/** Node, Deno, Bun and every bundler: the module travels as texts inside the script. */
import module from "#relay/module.wasm";
import { moduleOf } from "../load/streams.js";

export const source = () => moduleOf(module);
