/**
 * The module as texts: what its functions consist of is taken apart into streams of one kind each, instructions, numbers of
 * locals, offsets, addresses and so on. Alike stands beside alike there, so that what compresses the texts makes them a tenth
 * smaller than the module: sizes of functions, which follow from the rest, are left out. `pkg-template/streams.mjs` takes apart.
 */
import { bytesOf } from "./letters.js";

/** Which stream is which; in instructions they are letters, from `g` on. */
export const INSTRUCTIONS = 0;
export const VARIABLES = 1;
/** What stands between bytes and streams where an instruction is a list of numbers, and for `z`. */
const STREAM = 256;
const MORE = -1;
/** A size takes no more bytes. */
const LONGEST = 5;

/**
 * @param {string[]} texts the instructions that there are, each as its bytes and the streams of the numbers that follow them
 *   (`z`: as many as the one before says, and one more); what stands before the functions, what behind; the streams
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function moduleOf([known, ...texts]) {
  const instructions = known.split(" ").map(partsOf);
  const [before, after, ...streams] = texts.map(bytesOf);
  const places = new Uint32Array(streams.length);
  const order = streams[INSTRUCTIONS];
  const code = new Uint8Array(streams.reduce((sum, stream) => sum + stream.length, order.length * LONGEST));
  let end = 0;
  let count = 0;
  const copy = (/** @type {number} */ stream) => {
    let number = 0;
    for (let shift = 0, byte = 128; byte > 127; shift += 7) {
      byte = code[end++] = streams[stream][places[stream]++];
      number |= (byte & 127) << shift;
    }
    return number;
  };

  while (places[INSTRUCTIONS] < order.length) {
    const start = end;
    end += LONGEST;
    for (let kinds = copy(VARIABLES); kinds > 0; kinds--) {
      copy(VARIABLES);
      copy(VARIABLES);
    }
    for (let depth = 1; depth > 0; ) {
      const parts = instructions[order[places[INSTRUCTIONS]++]];
      let more = 0;
      for (const part of parts) {
        if (part >= STREAM) more = copy(part - STREAM);
        else if (part >= 0) code[end++] = part;
        else for (; more >= 0; more--) copy(parts[1] - STREAM);
      }
      // Blocks open, and end.
      if (parts[0] > 1 && parts[0] < 5) depth++;
      if (parts[0] === 11) depth--;
    }
    const size = sizeOf(end - start - LONGEST);
    code.set(size, start);
    code.copyWithin(start + size.length, start + LONGEST, end);
    end += size.length - LONGEST;
    count++;
  }
  const functions = sizeOf(count);
  return joined([before, [10], sizeOf(functions.length + end), functions, code.subarray(0, end), after]);
}

/** An instruction that is known. @param {string} text */
function partsOf(text) {
  const parts = text.match(/[\da-f]{2}|./g) ?? [];
  return parts.map((part) => (part.length > 1 ? Number.parseInt(part, 16) : part === "z" ? MORE : part.charCodeAt(0) - 103 + STREAM));
}

/** A size as modules write it. @type {(number: number) => number[]} */
const sizeOf = (number) => (number > 127 ? [(number & 127) | 128, ...sizeOf(number >> 7)] : [number]);

/** @param {ArrayLike<number>[]} parts */
function joined(parts) {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}
