/** Node, Deno, Bun and every bundler: the module travels as text inside the script. */
import module from "#relay/module.wasm";
import { bytesOf } from "../load/letters.js";

export const source = () => bytesOf(module);
