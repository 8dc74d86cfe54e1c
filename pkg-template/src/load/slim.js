/** `propusk/slim`: no module inside; the caller brings it (streaming, a CDN, own bytes). */
import * as core from "./core.js";
import { coded, failure, unreachable } from "./failure.js";

/** @typedef {BufferSource | WebAssembly.Module | Response | URL | string} Source */

/** @type {Promise<typeof core> | null} */
let started = null;

/**
 * Starts the module that the package has as `propusk/module.wasm`. Resolves when clients can be created.
 * A second call changes nothing, unless the first failed.
 *
 * @param {Source | Promise<Source>} source bytes, a compiled module, a response, or the address to fetch it from
 */
export async function ready(source) {
  started ??= start(source);
  await started;
}

export async function load() {
  if (started) return started;
  throw coded("invalid_config", "propusk/slim has no module yet", "Call `ready(source)` before creating a client");
}

/** @param {Source | Promise<Source>} source */
async function start(source) {
  try {
    await core.instantiate(await executable(await source));
    return core;
  } catch (error) {
    started = null;
    throw failure(error);
  }
}

/**
 * @param {any} source
 * @returns {Promise<BufferSource | WebAssembly.Module>}
 */
async function executable(source) {
  if (ArrayBuffer.isView(source)) return source;
  // Not `instanceof`: any of these may come from another realm, a response also from a fetch of the caller's own.
  switch (Object.prototype.toString.call(source)) {
    case "[object ArrayBuffer]":
    case "[object WebAssembly.Module]":
      return source;
    case "[object String]":
    case "[object URL]":
      return compile(await fetch(source).catch((error) => Promise.reject(unreachable(error))));
    case "[object Response]":
      return compile(source);
    default:
      throw coded("invalid_config", "`ready` cannot use this source", "Pass bytes, a Module, a Response or an address");
  }
}

/** @param {Response} response */
async function compile(response) {
  if (!response.ok) {
    throw coded("network", `The module's address answered ${response.status}`, "Check where module.wasm is served");
  }
  // A server that does not know the type gets its bytes compiled all the same, only not while they arrive.
  const streams = response.headers.get("content-type") === "application/wasm" && response instanceof Response;
  return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}
