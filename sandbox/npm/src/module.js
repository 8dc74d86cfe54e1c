/** The services' code: an instance for each sandbox, compiled once. */
import { Buffer } from "node:buffer";
import { brotliDecompressSync } from "node:zlib";
import { glue } from "#sandbox/glue";
import packed from "#sandbox/module.wasm";

/** Tests replace `queueMicrotask`; a promise goes on whatever they do. */
const settled = Promise.resolve();
const then = settled.then;

/** @type {Promise<WebAssembly.Module> | undefined} */
let compiled;

/** @typedef {Awaited<ReturnType<typeof instance>>} Services */

export async function instance() {
  compiled ??= WebAssembly.compile(new Uint8Array(brotliDecompressSync(Buffer.from(packed, "base64"))));
  const { instantiate, Sandbox } = glue((task) => void then.call(settled, task));
  await instantiate(await compiled);
  return Sandbox;
}
