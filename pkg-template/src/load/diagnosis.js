/** What it means when the module cannot be compiled or started. */
import { AuthError, isAuthError } from "../error.js";

/**
 * Engines word a policy's refusal differently, but all of them name the policy or its directive; a runtime that
 * compiles nothing says that its embedder disallows it.
 */
const FORBIDDEN = /unsafe-eval|content security policy|\bCSP\b|disallowed by embedder/i;

/** @param {any} error what loading, compiling or starting the module threw */
export function failure(error) {
  if (isAuthError(error)) return error;
  const [message, hint] = diagnosis(error);
  return new AuthError({ code: "unsupported", message, hint, cause: error });
}

/**
 * @param {any} error
 * @returns {[message: string, hint: string]}
 */
function diagnosis(error) {
  if (typeof WebAssembly === "undefined") {
    return ["this environment has no WebAssembly", "switch off the mode that disables it"];
  }
  if (FORBIDDEN.test(error?.message)) {
    return ["the content security policy forbids WebAssembly", "add 'wasm-unsafe-eval' to script-src"];
  }
  if (isCompileError(error)) {
    return ["the module cannot be compiled here", "use an engine with reference types (2022), and this version's module"];
  }
  return ["the module cannot be started", "use the module of this version of the package"];
}

/** By name: it may be another realm's. @param {any} error */
export const isCompileError = (error) => error?.name === "CompileError";
