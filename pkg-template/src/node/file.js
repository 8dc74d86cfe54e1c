/** One file: read with care, replaced as a whole. */
import { constants, renameSync, unlinkSync } from "node:fs";
import { lstat, open, unlink } from "node:fs/promises";
import process from "node:process";
import { HAS_RIGHTS, WRITABLE_BY_OTHERS } from "./directory.js";
import { codeOf, failed, shown, storage } from "./failure.js";
import { patiently } from "./patience.js";

const { O_CREAT, O_EXCL, O_RDONLY, O_WRONLY } = constants;
/** Windows has neither; it has no files that keep `open` waiting, and links there take an administrator. */
const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

/** What the system says when a disk, or the user's part of it, has no room. */
const FULL = ["ENOSPC", "EDQUOT"];

/**
 * The text of a file, and when it was touched; null when there is none. Refuses what this user has not made: a link may
 * lead to anything, and a file that others can write to, to anybody's session.
 *
 * @param {string} path
 */
export async function read(path) {
  /** @type {import("node:fs/promises").FileHandle | undefined} */
  let handle;
  try {
    if (!O_NOFOLLOW && !(await isOurs(path))) return null;
    // Not to hang at the other end of a pipe.
    handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const stats = await handle.stat();
    refuse(path, stats);
    return { text: await handle.readFile("utf8"), stats };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw failed(`read the file ${shown(path)}`, error);
  } finally {
    await handle?.close().catch(() => {});
  }
}

/**
 * A new file with a text in it, open for writing. Fails where one is.
 *
 * @param {string} path
 * @param {string} text
 * @param {{ evenEmpty?: boolean }} [options] evenEmpty: without the text where the disk has no room for it
 */
export async function create(path, text, { evenEmpty = false } = {}) {
  const handle = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    await handle.writeFile(text, "utf8").catch((error) => {
      if (!evenEmpty || !isFull(error)) throw error;
    });
    return handle;
  } catch (error) {
    await handle.close().catch(() => {});
    await unlink(path).catch(() => {});
    throw error;
  }
}

/** Whether it is for want of room. @param {unknown} error */
export function isFull(error) {
  return FULL.includes(codeOf(error) ?? "");
}

/**
 * A text on the disk, to be put in its place later.
 *
 * @param {string} path
 * @param {string} draft a path in the same folder that nobody else uses
 * @param {string} text
 */
export async function prepare(path, draft, text) {
  try {
    await isOurs(path);
    const handle = await create(draft, text);
    try {
      await handle.sync().finally(() => handle.close());
    } catch (error) {
      await discard(draft);
      throw error;
    }
  } catch (error) {
    throw failed(`write the file ${shown(path)}`, error);
  }
}

/** @param {string} draft */
export async function discard(draft) {
  await unlink(draft).catch(() => {});
}

/**
 * Puts a draft in the place of a file, or removes the file where there is none: after a crash there is what was, or what is to be. Not before
 * `isInTime` says so: that is asked last, with nothing between the answer and the change.
 *
 * @param {string} path
 * @param {string | null} draft
 * @param {() => boolean} isInTime
 * @returns {Promise<boolean>} whether it was in time
 */
export async function change(path, draft, isInTime) {
  try {
    const isThere = await isOurs(path);
    return await patiently(async () => {
      if (!isInTime()) return false;
      if (draft !== null) renameSync(draft, path);
      else if (isThere) unlinkSync(path);
      return true;
    });
  } catch (error) {
    if (draft === null && codeOf(error) === "ENOENT") return true;
    throw failed(`${draft === null ? "remove" : "write"} the file ${shown(path)}`, error);
  }
}

/** Refuses what `read` refuses. @param {string} path @returns whether anything is there */
async function isOurs(path) {
  try {
    refuse(path, await lstat(path));
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
}

/** @param {string} path @param {import("node:fs").Stats} stats */
function refuse(path, stats) {
  const because = (/** @type {string} */ what, /** @type {string} */ hint) => storage(`the file ${shown(path)} ${what}`, hint);
  if (stats.isSymbolicLink()) throw because("is a link", "Remove it: sessions are kept in files of their own.");
  if (!stats.isFile()) throw because("is no file", "Remove it, or choose another `directory`.");
  if (!HAS_RIGHTS) return;
  if (stats.uid !== process.geteuid?.()) throw because("belongs to another user", "Remove it, or choose another `directory`.");
  if (stats.mode & WRITABLE_BY_OTHERS) {
    throw because("can be written to by other users", "Remove it, and sign in again: what is in it may be anybody's.");
  }
}

/** Makes a change of names outlive a crash of the machine. Not every system lets a folder be opened. @param {string} directory */
export async function settle(directory) {
  const handle = await open(directory, O_RDONLY).catch(() => null);
  await handle?.sync().catch(() => {});
  await handle?.close().catch(() => {});
}
