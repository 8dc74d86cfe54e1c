import { lstat, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { passing } from "./names.js";
import { lives, parse } from "./owner.js";

/** Age at which a file that is there for a moment only has been forgotten, milliseconds. */
const OLD = 600_000;

/**
 * Removes what processes have left behind that died while they wrote. Whatever goes wrong, the next one will find it.
 *
 * @param {string} directory
 */
export async function sweep(directory) {
  for (const name of await readdir(directory).catch(() => [])) {
    const who = parse(passing(name) ?? "");
    if (!who) continue;
    const path = join(directory, name);
    const isAlive = lives(who) ?? (await isFresh(path));
    if (!isAlive) await unlink(path).catch(() => {});
  }
}

/** @param {string} path */
async function isFresh(path) {
  const stats = await lstat(path).catch(() => null);
  return stats !== null && Date.now() - stats.mtimeMs < OLD;
}
