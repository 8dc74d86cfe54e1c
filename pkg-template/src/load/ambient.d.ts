/** What the build puts in place of names that no file on disk has. */
declare const __VERSION__: string;
/** The same for scripts that were built together. */
declare const __BUILD__: string;

/** What the scripts give the module to work with; the generated declarations call it by this name. */
type Shell = import("../host.js").Host;

declare module "#*/module.wasm" {
  const texts: string[];
  export default texts;
}

declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}
