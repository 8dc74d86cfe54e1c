/** Writing a value: what takes long is done before its turn, and its turn is short. */
import { join } from "node:path";
import { shown, storage } from "./failure.js";
import { change, discard, isFull, prepare, read, settle } from "./file.js";
import { free, hold } from "./lock.js";
import { owner } from "./owner.js";
import { LEASE, WRITE } from "./signs.js";

/** Longest wait of a write for others, milliseconds. */
const TURN = 4000;

/**
 * @typedef {object} Place
 * @property {string} directory
 * @property {import("./names.js").Names} names
 * @property {import("./signs.js").Signs} signs
 */

/**
 * Writes, one at a time: between the look and the write of one, no other comes.
 *
 * @param {Place} place
 * @param {string | null} value null: removes what is there
 * @param {string | null} [expected] only in the place of this one
 */
export async function write({ directory, names, signs }, value, expected) {
  const path = join(directory, names.value);
  const isExpected = async () => expected === undefined || ((await read(path))?.text ?? null) === expected;
  if (!(await isExpected())) return false;
  const draft = value === null ? null : join(directory, names.draft(owner().text));
  if (draft && value !== null) await prepare(path, draft, value);
  try {
    if (!(await inTurn({ directory, names: names.writing, signs, bounds: WRITE }, path, draft, isExpected))) return false;
  } finally {
    if (draft) await discard(draft);
  }
  await settle(directory);
  return true;
}

/**
 * @param {import("./lock.js").Place} place
 * @param {string} path
 * @param {string | null} draft
 * @param {() => Promise<boolean>} isExpected
 * @returns {Promise<boolean>} whether it was as expected, and so was written
 */
async function inTurn(place, path, draft, isExpected) {
  const end = performance.now() + TURN;
  const left = () => Math.max(0, end - performance.now());
  while (left() > 0) {
    const act = async (/** @type {() => boolean} */ isInTime) => ((await isExpected()) ? change(path, draft, isInTime) : null);
    // Who was held up for so long that others may have gone on does nothing, and begins again.
    const done = await hold(place, (mark) => act(() => mark.age < LEASE), { timeout: left() }).catch(async (error) => {
      if (draft !== null || !isFull(error.cause)) throw error;
      // A lock takes room, which a removal makes. Nobody else can take one, either.
      await free(place, left());
      return act(() => true);
    });
    if (done !== false) return done !== null;
  }
  throw storage(`the file ${shown(path)} was not written within ${TURN} ms`, "Look after that disk, and try again.", { retryable: true });
}
