/**
 * The module as texts: scripts carry it so, since every bundler and server handles them. What puts them together is a module
 * too (`modules/streams`), of two kilobytes: in a page that has just been opened, a script takes five times as long for it.
 */

/** So many bytes are a page of a module's memory. */
const PAGE = 65536;

/**
 * @param {string[]} texts what puts the module together, in hexadecimal digits, and what it consists of
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function moduleOf([unpacker, ...texts]) {
  const code = Uint8Array.from(unpacker.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
  // Whoever looks at what `instantiate` gives, to see the package's module, is to see that one.
  const { compile, Instance } = WebAssembly;
  const { memory, unpack } = /** @type {any} */ (new Instance(await compile(code)).exports);
  const letters = new TextEncoder().encode(texts.join("\n"));
  // The bytes are fewer than the letters, but for the sizes of functions.
  const pages = Math.ceil((2 * letters.length) / PAGE);
  const start = memory.grow(pages) * PAGE;
  new Uint8Array(memory.buffer).set(letters, start);
  return new Uint8Array(memory.buffer, start + letters.length, unpack(start, letters.length, pages * PAGE));
}
