/** The module's memory, seen from outside. Import this before the package is loaded. */

/** @type {WebAssembly.Memory[]} */
const memories = [];

const { instantiate } = WebAssembly;

/** As the host's own, but that it takes note of the package's memory: Node's fetch starts a module, too. @param {any} source @param {WebAssembly.Imports} [imports] */
async function noting(source, imports) {
  const isOurs = /node_modules.propusk./.test(new Error().stack ?? "");
  const made = /** @type {any} */ (await instantiate(source, imports));
  const { exports } = made.instance ?? made;
  if (isOurs) memories.push(.../** @type {WebAssembly.Memory[]} */ (Object.values(exports).filter((value) => value instanceof WebAssembly.Memory)));
  return made;
}

WebAssembly.instantiate = /** @type {typeof WebAssembly.instantiate} */ (noting);

/** Bytes that the module has taken from the host till now: they are never given back. */
export function wasmBytes() {
  if (memories.length !== 1) throw new Error(`${memories.length} modules were started instead of one`);
  return memories[0].buffer.byteLength;
}

/** All that lies in the module's memory now. */
export function wasmContents() {
  if (memories.length !== 1) throw new Error(`${memories.length} modules were started instead of one`);
  return Buffer.from(memories[0].buffer);
}
