/**
 * The module as texts: scripts carry it so, since every bundler and server handles them. What puts them together is a module
 * too (`modules/streams`), of two kilobytes: in a page that has just been opened, a script takes five times as long for it.
 */

/** So many bytes are a page of a module's memory. */
const PAGE = 65536;

/** Bytes of an entry that tells what it differs in from the one before. */
export const ENTRY = 6;

/**
 * @param {string[]} texts what puts the module together, in hexadecimal digits; from where to where it has such entries; what it
 *    consists of
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function moduleOf([unpacker, entries, ...texts]) {
  const letters = new TextEncoder().encode(texts.join("\n"));
  // Whoever looks at what `instantiate` gives, to see the package's module, is to see that one.
  const { Instance } = WebAssembly;
  const { memory, unpack } = /** @type {any} */ (new Instance(await compiled(unpacker)).exports);
  // The bytes are fewer than the letters, but for the sizes of functions.
  const pages = Math.ceil((2 * letters.length) / PAGE);
  const start = memory.grow(pages) * PAGE;
  new Uint8Array(memory.buffer).set(letters, start);
  const module = new Uint8Array(memory.buffer, start + letters.length, unpack(start, letters.length, pages * PAGE));
  const [from, to] = entries.split(" ").map(Number);
  for (let at = from; at < to; at += 1) module[at] += module[at - ENTRY];
  return module;
}

/** What was compiled last: a module and its rest are put together by the same. @type {{ digits: string, module: WebAssembly.Module } | null} */
let known = null;

/** @param {string} digits */
async function compiled(digits) {
  if (known?.digits !== digits) {
    const code = Uint8Array.from(digits.match(/../g) ?? [], (two) => Number.parseInt(two, 16));
    known = { digits, module: await WebAssembly.compile(code) };
  }
  return known.module;
}
