/** Cloudflare Workers compile nothing at run time: a `.wasm` import is a compiled module. */
import module from "./relay.wasm";

export const source = () => module;
