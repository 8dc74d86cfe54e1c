/**
 * What can go wrong before there is any Rust to say so, in the package's terms: the client turns these into AuthErrors.
 *
 * @param {string} code
 * @param {string} message
 * @param {string} hint
 * @param {unknown} [cause]
 */
export function coded(code, message, hint, cause) {
  return Object.assign(new Error(message, { cause }), { code, hint });
}

/** @param {unknown} [cause] */
export function unreachable(cause) {
  return coded("network", "The module could not be loaded", "Try again when the network is back", cause);
}

/**
 * Engines word a policy's refusal differently, but all of them name the policy or its directive; a runtime that
 * compiles nothing says that its embedder disallows it.
 */
const FORBIDDEN = /unsafe-eval|content security policy|\bCSP\b|disallowed by embedder/i;

/** @param {any} error what compiling or starting the module threw */
export function failure(error) {
  if (error?.hint) return error;
  const [message, hint] = diagnosis(error);
  return coded("unsupported", message, hint, error);
}

/**
 * @param {any} error
 * @returns {[message: string, hint: string]}
 */
function diagnosis(error) {
  if (typeof WebAssembly === "undefined") {
    return ["This environment has no WebAssembly", "Switch off the mode that disables it"];
  }
  if (FORBIDDEN.test(error?.message)) {
    return ["The content security policy forbids WebAssembly", "Add 'wasm-unsafe-eval' to script-src"];
  }
  if (error instanceof WebAssembly.CompileError) {
    return ["The module cannot be compiled here", "Use an engine with reference types (2022), and this version's module"];
  }
  return ["The module cannot be started", "Use the module of this version of the package"];
}
