/**
 * `propusk/slim`: the package without the module inside, for those who serve `propusk/module.wasm` themselves
 * (compiled while it arrives, from a CDN, or from bytes of their own). Everything else is as in `propusk`.
 */
export * from "./index.js";

/** Where the module comes from: its bytes, compiled, a response that carries it, or its address. */
export type ModuleSource = BufferSource | WebAssembly.Module | Response | URL | string;

/**
 * Starts the module; clients can be created when this has resolved, and not before. A second call changes nothing,
 * unless the first failed. Rejects with an AuthError.
 */
export function ready(source: ModuleSource | Promise<ModuleSource>): Promise<void>;
