/** One file: read with care, replaced as a whole. */
import { constants } from "node:fs";
import { lstat, open, rename, unlink } from "node:fs/promises";
import process from "node:process";
import { HAS_RIGHTS, WRITABLE_BY_OTHERS } from "./directory.js";
import { codeOf, failed, shown, storage } from "./failure.js";
import { patiently } from "./patience.js";

const { O_CREAT, O_EXCL, O_RDONLY, O_WRONLY } = constants;
/** Windows has neither; it has no files that keep `open` waiting, and links there take an administrator. */
const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

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
    await handle?.close();
  }
}

/**
 * A new file with a text in it, open for writing. Fails where one is.
 *
 * @param {string} path
 * @param {string} text
 */
export async function create(path, text) {
  const handle = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    await handle.writeFile(text, "utf8");
    return handle;
  } catch (error) {
    await handle.close();
    await unlink(path).catch(() => {});
    throw error;
  }
}

/**
 * Puts a text in the place of the file: after a crash, of the machine as well, there is the old one or the new one.
 *
 * @param {string} directory
 * @param {string} path
 * @param {string} draft a path in the same folder that nobody else uses
 * @param {string} text
 */
export async function replace(directory, path, draft, text) {
  try {
    await isOurs(path);
    const handle = await create(draft, text);
    try {
      await handle.sync().finally(() => handle.close());
      await patiently(() => rename(draft, path));
    } catch (error) {
      await unlink(draft).catch(() => {});
      throw error;
    }
    await settle(directory);
  } catch (error) {
    throw failed(`write the file ${shown(path)}`, error);
  }
}

/**
 * @param {string} directory
 * @param {string} path
 */
export async function remove(directory, path) {
  try {
    if (!(await isOurs(path))) return;
    await patiently(() => unlink(path));
    await settle(directory);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw failed(`remove the file ${shown(path)}`, error);
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
async function settle(directory) {
  const handle = await open(directory, O_RDONLY).catch(() => null);
  await handle?.sync().catch(() => {});
  await handle?.close();
}
