/** The folder that everything is in: where it is, and that nobody else can put anything into it. */
import { lstatSync, mkdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import process from "node:process";
import { codeOf, failed, shown, storage } from "./failure.js";

const { platform, env } = process;

/** Whether owner and rights of a file mean something here. */
export const HAS_RIGHTS = platform !== "win32";

/** Rights of the group and of others to write. */
export const WRITABLE_BY_OTHERS = 0o022;

/** Where sessions are kept when the caller does not say. */
export function usual() {
  // Relative ones are to be ignored, says their specification.
  const named = platform === "win32" ? env.LOCALAPPDATA : env.XDG_STATE_HOME;
  if (named && isAbsolute(named)) return join(named, "propusk");
  const home = homeFolder();
  return platform === "win32" ? join(home, "AppData", "Local", "propusk") : join(home, ".local", "state", "propusk");
}

function homeFolder() {
  /** @type {unknown} */
  let cause;
  try {
    const home = homedir();
    // Else sessions would lie wherever the script happens to run.
    if (isAbsolute(home)) return home;
  } catch (error) {
    cause = error;
  }
  throw storage("this user has no home folder", "Set HOME to its full path, or say where to keep sessions: `fileStore({ directory })`.", { cause });
}

/**
 * Looks at the folder before every use: it may have been made, changed or replaced since. Synchronous, for `watch` is, and
 * short: two looks at an entry that the system has in memory.
 *
 * @param {string} path
 * @param {boolean} make it when it is not there
 * @returns whether it is there
 */
export function check(path, make) {
  try {
    const isThere = look(path);
    if (isThere || !make) return isThere;
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return look(path);
  } catch (error) {
    throw failed(`use the folder ${shown(path)}`, error);
  }
}

/** @param {string} path */
function look(path) {
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (!entry) return false;
  const refuse = (/** @type {string} */ what, /** @type {string} */ hint) => storage(`the folder ${shown(path)} ${what}`, hint);
  const isOther = (/** @type {import("node:fs").Stats} */ { uid }) => HAS_RIGHTS && uid !== process.geteuid?.();
  const folder = entry.isSymbolicLink() ? target(path) : entry;
  if (!folder.isDirectory()) throw refuse("is no folder", "Remove what is there, or choose another `directory`.");
  if (isOther(entry) || isOther(folder)) {
    throw refuse("belongs to another user", "Choose a `directory` that belongs to the user that runs this.");
  }
  if (HAS_RIGHTS && folder.mode & WRITABLE_BY_OTHERS) {
    throw refuse("can be written to by other users", `Take that right away: chmod go-w ${shown(path)}`);
  }
  return true;
}

/** @param {string} path of a link */
function target(path) {
  try {
    return statSync(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    throw storage(`the folder ${shown(path)} is a link that leads nowhere`, "Make the folder it leads to, or remove the link.");
  }
}
