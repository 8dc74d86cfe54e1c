/** Takes a module apart into the texts that `modules/streams` puts together again. */
import { brotliCompressSync } from "node:zlib";
import { ENTRY, moduleOf } from "./src/load/streams.js";

const [INSTRUCTIONS, VARIABLES, LOCALS, LOADS, STORES, CONSTANTS, ADDRESSES, LONGS, CALLS, LABELS, TABLES, OTHERS] = Array.from({ length: 12 }, (_, at) => at);
const STREAMS = OTHERS + 1;

/** A longer module is not started on a page's own thread without a wait in Chromium before 114. */
const MOST = 4096;

/** How many letters begin a pair: those that texts have the least use for. */
const PAIRS = 2;
const LETTERS = [..."~^"].concat(Array.from({ length: 94 }, (_, at) => String.fromCharCode(at + 32)).filter((letter) => !"\"$'<\\`^".includes(letter)));

/** What follows an instruction: the first and the last of those alike, and the streams of their numbers. */
const OPERANDS = [
  [0x0c, 0x0d, LABELS],
  [0x10, 0x10, CALLS],
  [0x11, 0x11, OTHERS, OTHERS],
  [0x1c, 0x1c, OTHERS, OTHERS],
  [0x20, 0x22, LOCALS],
  [0x23, 0x26, OTHERS],
  [0x28, 0x35, LOADS],
  [0x36, 0x3e, STORES],
  [0x42, 0x42, LONGS],
  [0xd0, 0xd0, OTHERS],
  [0xd2, 0xd2, CALLS],
];
/** Bytes that follow an instruction and belong to it: types of blocks, alignments, memories, and decimals. */
const BELONGS = [
  [0x02, 0x04, 1],
  [0x28, 0x40, 1],
  [0x43, 0x43, 4],
  [0x44, 0x44, 8],
];
/** The same behind the byte 0xfc, by the number there. */
const MEMORY = [
  [8, 8, 2],
  [9, 9, 1],
  [10, 10, 2],
  [11, 11, 1],
  [12, 12, 2],
  [13, 13, 1],
  [14, 14, 2],
  [15, 17, 1],
];
const EXPORTS = 7;
const CODE = 10;
const TABLE = 0x0e;
const CONSTANT = 0x41;
const PREFIX = 0xfc;
/** Numbers of at least so many bytes are addresses of texts and tables. */
const ADDRESS = 3;

/**
 * What scripts carry for a module: what puts it together, in hexadecimal digits, where its exports tell what they differ in from one
 * another, if they are all equally long, and the texts.
 *
 * @param {Uint8Array} module
 * @param {Uint8Array} unpacker the module of `modules/streams`
 * @returns {Promise<string[]>}
 */
export async function textsOf(module, unpacker) {
  if (unpacker.length > MOST) throw new Error(`what puts modules together takes more than ${MOST} bytes`);
  const { known, entries, before, after, streams } = takenApart(module);
  const texts = [Buffer.from(unpacker).toString("hex"), entries.join(" "), known.join(" "), ...[before, after, ...streams].map(shortest)];
  if (!Buffer.from(await moduleOf(texts)).equals(module)) throw new Error("the module cannot be taken apart: it has something that is not known here");
  return texts;
}

/** @param {Uint8Array} module */
function takenApart(module) {
  /** @type {number[][]} */
  const streams = Array.from({ length: STREAMS }, () => []);
  /** Numbers of instructions, and how often they are there. @type {Map<string, { number: number, count: number }>} */
  const instructions = new Map();
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0, byte = 128; byte > 127; shift += 7) value |= ((byte = module[at++]) & 127) << shift;
    return value;
  };
  const move = (/** @type {number} */ stream) => {
    const start = at;
    const value = number();
    streams[stream].push(...module.subarray(start, at));
    return value;
  };

  let entries = [0, 0];
  while (module[at] !== CODE) {
    const section = module[at++];
    const size = number();
    const end = at + size;
    if (section === EXPORTS && number() * ENTRY === end - at) entries = [at + ENTRY, end];
    at = end;
  }
  at++;
  const size = number();
  const end = at + size;
  const functions = number();
  const [from, to] = entries;
  const before = [...module.subarray(0, at)].map((byte, place) => (from <= place && place < to ? (byte - module[place - ENTRY]) & 255 : byte));
  for (let left = functions; left > 0; left--) {
    const size = number();
    const last = at + size;
    for (let kinds = move(VARIABLES); kinds > 0; kinds--) {
      move(VARIABLES);
      move(VARIABLES);
    }
    while (at < last) instruction();
  }
  const after = [...module.subarray(end)];

  const ordered = [...instructions].sort(([, one], [, other]) => other.count - one.count);
  if (ordered.length > 256) throw new Error("the module has too many kinds of instructions");
  /** @type {number[]} */
  const places = [];
  ordered.forEach(([, { number }], place) => (places[number] = place));
  streams[INSTRUCTIONS] = streams[INSTRUCTIONS].map((number) => places[number]);
  return { known: ordered.map(([known]) => known), entries, before, after, streams };

  function instruction() {
    const start = at;
    const code = module[at++];
    const more = code === PREFIX ? found(MEMORY, number()) : found(BELONGS, code);
    at += more;
    let known = Buffer.from(module.subarray(start, at)).toString("hex");
    const take = (/** @type {number} */ stream) => {
      known += letter(stream);
      return move(stream);
    };
    if (code === TABLE) {
      for (let more = take(TABLES); more >= 0; more--) move(TABLES);
      known += "z";
    } else if (code === CONSTANT) {
      const start = at;
      number();
      const isAddress = at - start >= ADDRESS;
      at = start;
      take(isAddress ? ADDRESSES : CONSTANTS);
    }
    OPERANDS.find(([first, last]) => first <= code && code <= last)?.slice(2).forEach(take);
    const entry = instructions.get(known) ?? { number: instructions.size, count: 0 };
    instructions.set(known, { ...entry, count: entry.count + 1 });
    streams[INSTRUCTIONS].push(entry.number);
  }
}

const letter = (/** @type {number} */ stream) => String.fromCharCode("g".charCodeAt(0) + stream);

/** The number of a range. @param {number[][]} ranges @param {number} code */
function found(ranges, code) {
  return ranges.find(([first, last]) => first <= code && code <= last)?.[2] ?? 0;
}

/** Letters for bytes in the order that compresses best. @param {number[]} bytes */
function shortest(bytes) {
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte]++;
  const frequent = [...counts.keys()].filter((byte) => counts[byte]).sort((one, other) => counts[other] - counts[one] || one - other);
  const sizes = [[], frequent, likeText(frequent)].map((order) => {
    const text = lettersOf(bytes, order);
    return { text, size: brotliCompressSync(text).length };
  });
  return sizes.reduce((best, one) => (one.size < best.size ? one : best)).text;
}

/** An order in which bytes that are letters stay such. @param {number[]} frequent */
function likeText(frequent) {
  const own = LETTERS.slice(PAIRS).map((letter) => letter.charCodeAt(0));
  const others = frequent.filter((byte) => !own.includes(byte));
  const order = own.map((byte) => (frequent.includes(byte) ? byte : others.shift() ?? byte));
  return [...new Set([...order, ...others])];
}

/** @param {number[]} bytes @param {number[]} order */
function lettersOf(bytes, order) {
  const singles = LETTERS.length - PAIRS;
  /** @type {string[]} */
  const letters = [];
  [...new Set([...order, ...Array(256).keys()])].forEach((byte, rank) => {
    const pair = rank - singles;
    letters[byte] = pair < 0 ? LETTERS[rank + PAIRS] : LETTERS[Math.floor(pair / LETTERS.length)] + LETTERS[pair % LETTERS.length];
  });
  return `${Buffer.from(order).toString("hex")}-${bytes.map((byte) => letters[byte]).join("")}`;
}
