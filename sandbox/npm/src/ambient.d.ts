/** The version of the package, put in by the build. */
declare const __VERSION__: string;

/** What the scripts give the module to work with; the generated declarations call it by this name. */
type Machine = import("./machine.js").Machine;

declare module "#sandbox/module.wasm" {
  const base64: string;
  export default base64;
}
