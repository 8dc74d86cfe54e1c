import { resolve } from "node:path";
import { badOption } from "./failure.js";

/** Longest wait for a lock unless the caller says otherwise, milliseconds. */
const LOCK_TIMEOUT = 60_000;

/**
 * @param {unknown} options
 * @returns {{ directory: string | undefined, lockTimeout: number }}
 */
export function read(options = {}) {
  if (typeof options !== "object" || options === null) throw badOption("options", "an object");
  const { directory, lockTimeout = LOCK_TIMEOUT, ...rest } = /** @type {Record<string, unknown>} */ ({ ...options });
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw badOption(unknown, "left out: fileStore takes `directory` and `lockTimeout`");
  if (directory !== undefined && (typeof directory !== "string" || !directory || directory.includes("\0"))) {
    throw badOption("directory", "a path");
  }
  if (typeof lockTimeout !== "number" || !(lockTimeout >= 0)) {
    throw badOption("lockTimeout", "a number of milliseconds, 0 or more");
  }
  // At once: the script may go to another folder later.
  return { directory: directory && resolve(directory), lockTimeout };
}
