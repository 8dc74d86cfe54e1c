/** Edge functions of Vercel and Next.js: the query asks for a compiled module. */
import module from "./module.wasm?module";
import { compiled } from "./compiled.js";

export const load = compiled(module);
