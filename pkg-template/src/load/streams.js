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
  const [before, after, ...streams] = texts.map(bytesOf);
  const functions = new Functions(known.split(" ").map(partsOf), streams);
  const code = functions.all();
  const count = sizeOf(functions.count);
  return joined([before, [10], sizeOf(count.length + code.length), count, code, after]);
}

/** Functions put together. A class of small methods, since those are compiled after a few calls, and one long loop is not. */
class Functions {
  count = 0;
  #streams;
  /** How far each stream is read. */
  #places;
  /** What the instructions consist of, one behind the other, and where each begins. */
  #parts;
  #begins;
  #code;
  #end = 0;

  /** @param {number[][]} instructions @param {Uint8Array[]} streams */
  constructor(instructions, streams) {
    this.#streams = streams;
    this.#places = new Uint32Array(streams.length);
    this.#parts = Int16Array.from(instructions.flat());
    this.#begins = new Uint16Array(instructions.length + 1);
    instructions.forEach((parts, at) => (this.#begins[at + 1] = this.#begins[at] + parts.length));
    this.#code = new Uint8Array(streams.reduce((sum, stream) => sum + stream.length, streams[INSTRUCTIONS].length * LONGEST));
  }

  all() {
    const code = this.#code;
    const last = this.#streams[INSTRUCTIONS].length;
    while (this.#places[INSTRUCTIONS] < last) {
      const start = this.#end;
      this.#end += LONGEST;
      this.#one();
      const size = sizeOf(this.#end - start - LONGEST);
      code.set(size, start);
      code.copyWithin(start + size.length, start + LONGEST, this.#end);
      this.#end += size.length - LONGEST;
      this.count++;
    }
    return code.subarray(0, this.#end);
  }

  #one() {
    for (let kinds = this.#copy(VARIABLES); kinds > 0; kinds--) {
      this.#copy(VARIABLES);
      this.#copy(VARIABLES);
    }
    for (let depth = 1; depth > 0; ) depth += this.#instruction();
  }

  /** How much deeper blocks are nested behind it. */
  #instruction() {
    const which = this.#streams[INSTRUCTIONS][this.#places[INSTRUCTIONS]++];
    const parts = this.#parts;
    const first = this.#begins[which];
    const last = this.#begins[which + 1];
    let more = 0;
    for (let next = first; next < last; next++) {
      const part = parts[next];
      if (part >= STREAM) more = this.#copy(part - STREAM);
      else if (part >= 0) this.#code[this.#end++] = part;
      else for (; more >= 0; more--) this.#copy(parts[first + 1] - STREAM);
    }
    const code = parts[first];
    return code > 1 && code < 5 ? 1 : code === 11 ? -1 : 0;
  }

  /** A number as it is. @param {number} stream */
  #copy(stream) {
    const bytes = this.#streams[stream];
    const code = this.#code;
    let at = this.#places[stream];
    let end = this.#end;
    let byte = (code[end++] = bytes[at++]);
    let number = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = code[end++] = bytes[at++];
      number |= (byte & 127) << shift;
    }
    this.#places[stream] = at;
    this.#end = end;
    return number;
  }
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
