/** Edge functions of Vercel and Next.js: the query asks for a compiled module. */
import module from "./relay.wasm?module";

export const source = () => module;
