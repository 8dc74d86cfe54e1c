/** What time it is for the files of a folder: they may lie on another machine, whose clock is another one. */
import { lstat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { create } from "./file.js";
import { owner } from "./owner.js";

/** How long a look at it counts, milliseconds. */
const FRESH = 60_000;

/** By folder: the clock when it was looked at, and when that was. @type {Map<string, { time: number, at: number }>} */
const looks = new Map();

/**
 * @param {{ directory: string, names: import("./names.js").LockNames }} place
 * @returns {Promise<number>} milliseconds since the epoch
 */
export async function fileTime({ directory, names }) {
  const known = looks.get(directory);
  const here = performance.now();
  if (known && here - known.at < FRESH) return known.time + here - known.at;
  const path = join(directory, names.claim(owner().text));
  try {
    await (await create(path, "")).close();
    const time = (await lstat(path)).mtimeMs;
    looks.set(directory, { time, at: performance.now() });
    return time;
  } catch {
    // No room, or no right to write: then its clock is taken for this machine's.
    return Date.now();
  } finally {
    await unlink(path).catch(() => {});
  }
}
