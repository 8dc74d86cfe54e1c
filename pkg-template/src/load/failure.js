/** What can go wrong before there is any Rust to say so. */
import { AuthError } from "../error.js";

/** @param {unknown} cause what fetching the script or the module threw */
export function unreachable(cause) {
  const hint = "try again when the network is back";
  return new AuthError({ code: "network", message: "the module could not be loaded", hint, retryable: true, cause });
}

/** @param {unknown} cause what `import` as a function threw in a service worker, where it is forbidden */
export function withoutImport(cause) {
  const hint = "use `propusk/slim` there: it is one script, and its `ready` takes the address of `propusk/module.wasm`";
  return new AuthError({ code: "unsupported", message: "a service worker cannot bring in the script that carries the module", hint, cause });
}
