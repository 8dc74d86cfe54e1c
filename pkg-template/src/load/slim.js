/** `propusk/slim`: no module inside; the caller brings it (streaming, a CDN, own bytes). */
import { glue } from "#whole/glue";
import { AuthError } from "../error.js";
import { rest } from "../rest.js";
import { Stores } from "../stores.js";
import { browserStore } from "../store/browser.js";
import { begin } from "./core.js";
import { failure, isCompileError } from "./diagnosis.js";
import { unreachable } from "./failure.js";

/** @typedef {BufferSource | WebAssembly.Module | Response | URL | string} Source */

/** @typedef {import("./core.js").Core} Core */

/** @type {Promise<Core> | null} */
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
  const core = await started;
  // What has failed is started anew from what it was compiled to.
  if (core?.instance.isDead) started = start(core.module);
  if (started) return started;
  const hint = "call `ready(source)` before creating a client";
  throw new AuthError({ code: "invalid_config", message: "propusk/slim has no module yet", hint });
}

/** @param {Source | Promise<Source>} source */
async function start(source) {
  try {
    return await begin(glue, await executable(await arriving(Promise.resolve(source))), () => ({ Stores, browserStore }), rest);
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
      return compile(await arriving(fetch(source)));
    case "[object Response]":
      return compile(source);
  }
  const hint = "pass bytes, a Module, a Response or an address";
  throw new AuthError({ code: "invalid_config", message: "`ready` cannot use this source", hint });
}

/** @param {Response} response */
async function compile(response) {
  if (!response.ok) {
    const message = `the module's address answered ${response.status}`;
    const hint = "check where module.wasm is served";
    throw new AuthError({ code: "network", message, hint, status: response.status, retryable: response.status >= 500 });
  }
  // A server that does not know the type gets its bytes compiled all the same, only not while they arrive.
  const streams = response.headers.get("content-type") === "application/wasm" && response instanceof Response;
  return arriving(streams ? WebAssembly.compileStreaming(response) : response.arrayBuffer().then(WebAssembly.compile));
}

/**
 * What does not arrive whole is the network's fault, and not the module's.
 *
 * @template T
 * @param {Promise<T>} promise
 */
function arriving(promise) {
  return promise.catch((error) => {
    throw isCompileError(error) ? error : unreachable(error);
  });
}
