import { resolve } from "node:path";
import { badOption } from "./failure.js";

/** Longest wait for a lock unless the caller says otherwise, milliseconds. */
const LOCK_TIMEOUT = 29_000;

/**
 * @param {unknown} options
 * @returns {{ directory: string | undefined, lockTimeout: number }}
 */
export function read(options) {
  const { directory, lockTimeout = LOCK_TIMEOUT } = own(options, "fileStore", ["directory", "lockTimeout"]);
  if (typeof lockTimeout !== "number" || !(lockTimeout >= 0)) {
    throw badOption("lockTimeout", "a number of milliseconds, 0 or more");
  }
  return { directory: folder(directory), lockTimeout };
}

/**
 * @param {unknown} options
 * @param {string} taker the function that they are for
 * @returns {{ directory: string | undefined }}
 */
export function readDirectory(options, taker) {
  return { directory: folder(own(options, taker, ["directory"]).directory) };
}

/**
 * What the object itself says, without what it inherits.
 *
 * @param {unknown} options
 * @param {string} taker
 * @param {string[]} known
 * @returns {Record<string, unknown>}
 */
function own(options = {}, taker, known) {
  if (typeof options !== "object" || options === null) throw badOption("options", "an object");
  const given = Object.assign(Object.create(null), options);
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return given;
  throw badOption(unknown, `left out: ${taker} takes ${known.map((name) => `\`${name}\``).join(" and ")}`);
}

/** @param {unknown} directory */
function folder(directory) {
  if (directory !== undefined && (typeof directory !== "string" || !directory || directory.includes("\0"))) {
    throw badOption("directory", "a path");
  }
  // At once: the script may go to another folder later.
  return directory && resolve(directory);
}
