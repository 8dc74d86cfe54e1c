/** The sessions that lie in a folder, without what is secret in them. */
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { matches, summary } from "../record.js";
import { HAS_RIGHTS, check, usual } from "./directory.js";
import { codeOf, failed, shown } from "./failure.js";
import { read } from "./file.js";
import { isValue, namesOf } from "./names.js";
import { readDirectory } from "./options.js";
import { Signs } from "./signs.js";
import { write } from "./writing.js";

/** No record is longer, bytes. */
const LONGEST = 16 * 1024 * 1024;

/** @param {{ directory?: string }} [options] */
export async function listSessions(options) {
  const found = await look(readDirectory(options, "listSessions"));
  return Object.freeze(found.map(({ session }) => session));
}

/**
 * @param {import("../record.js").Named} session
 * @param {{ directory?: string }} [options]
 */
export async function removeSession(session, options) {
  const isMeant = matches(session);
  let isRemoved = false;
  for (const { directory, name, session: found, text } of await look(readDirectory(options, "removeSession"))) {
    if (!isMeant(found)) continue;
    /** @type {string | undefined} */
    let seen = text;
    while (seen !== undefined) {
      if (await write({ directory, names: namesOf(name), signs: new Signs() }, null, seen)) {
        isRemoved = true;
        break;
      }
      // Renewed meanwhile: it is the same session.
      const next = (await read(join(directory, name)))?.text;
      const now = next === undefined ? null : summary(next);
      seen = now && isMeant(now) ? next : undefined;
    }
  }
  return isRemoved;
}

/** @param {{ directory: string | undefined }} options */
async function look({ directory = usual() }) {
  if (!check(directory, false)) return [];
  const found = [];
  for (const name of await list(directory)) {
    const text = await textOf(join(directory, name));
    const session = text === null ? null : summary(text);
    if (text !== null && session) found.push({ directory, name, session, text });
  }
  return found;
}

/** @param {string} directory */
async function list(directory) {
  try {
    return (await readdir(directory)).filter(isValue).sort();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw failed(`read the folder ${shown(directory)}`, error);
  }
}

/** Null: it is gone, or nothing that this user's store has made. @param {string} path */
async function textOf(path) {
  const stats = await lstat(path).catch(() => null);
  if (!stats?.isFile() || stats.size > LONGEST || (HAS_RIGHTS && stats.uid !== process.geteuid?.())) return null;
  try {
    return (await read(path))?.text ?? null;
  } catch (error) {
    // The system's own trouble is trouble; a file that the store itself would refuse is none of ours.
    if (codeOf(/** @type {any} */ (error).cause)) throw error;
    return null;
  }
}
