/**
 * A lock between processes, made of files.
 *
 * `<name>.lock` holds its owner, and is made by `link`: at once, with its content, and only where no file is. Who finds there an owner
 * that is dead does not touch that file. The right to the lock has then passed to the one who makes `<name>.<id of the
 * dead>.next`, in the same way; when that one is dead too, to the one who makes its `.next`. So the files are a chain, and its end
 * has the lock if it lives.
 *
 * Why two never have it: as long as the chain's first file is there, each further one is made once, by one. The first file is removed by the
 * holder alone, when it is done, and before the others. A slow one may have read the chain before that and make a
 * `.next` that was removed meanwhile; so whoever has made one reads the chain again from its first file, and has the lock only if that
 * still leads to it. It does not: the first file is gone, or names another, for ids are never used again. Whatever no chain leads to
 * means nothing, and a holder may sweep it away.
 *
 * All of this rests on no living holder being taken for dead. On Linux that is certain (`lives`); elsewhere and between containers it is
 * a matter of half a minute's silence (`Signs`).
 */
import { link, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { codeOf, failed, shown, storage } from "./failure.js";
import { create, read } from "./file.js";
import { lives, owner, parse } from "./owner.js";
import { patiently } from "./patience.js";
import { BEAT } from "./signs.js";
import { Waiting } from "./waiting.js";

/** What `link` says where files have one name only. */
const NO_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"];

/**
 * @typedef {object} Place
 * @property {string} directory
 * @property {import("./names.js").Names} names
 * @property {import("./signs.js").Signs} signs
 *
 * @typedef {{ path: string, id: string }} Station
 */

/**
 * Waits for the lock. What it gives back returns it.
 *
 * @param {Place} place
 * @param {{ timeout: number, signal: AbortSignal | undefined }} options
 * @returns {Promise<() => Promise<void>>}
 */
export async function acquire(place, { timeout, signal }) {
  const deadline = performance.now() + timeout;
  const { names, directory } = place;
  const waiting = new Waiting(directory, (name) => name === names.lock || (name.startsWith(names.base) && name.endsWith(".next")));
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { end, holder } = await follow(place);
      if (!holder) {
        const release = await take(place, end);
        if (release && signal?.aborted) await release();
        else if (release) return release;
        continue;
      }
      const left = deadline - performance.now();
      if (left <= 0) throw late(place, holder, timeout);
      await waiting.pause(left, signal);
    }
  } finally {
    waiting.stop();
  }
}

/**
 * Follows the chain to the first owner that lives, or to where the next one has to be made.
 *
 * @param {Place} place
 */
async function follow({ directory, names, signs }) {
  /** @type {Station[]} */
  const chain = [];
  let end = join(directory, names.lock);
  for (;;) {
    const found = await read(end);
    if (!found) return { chain, end, holder: null };
    const who = parse(found.text);
    // A crash of the machine may leave a file that has lost its content.
    const id = who?.id ?? `${found.stats.ino}-${Math.trunc(found.stats.mtimeMs)}`;
    chain.push({ path: end, id });
    const isDead = who && lives(who) !== null ? !lives(who) : signs.isSilent(id, found.stats.mtimeMs);
    if (!isDead) return { chain, end, holder: { id, who } };
    end = join(directory, names.next(id));
  }
}

/**
 * Makes the file at the end of the chain. Null: another was faster.
 *
 * @param {Place} place
 * @param {string} end
 */
async function take(place, end) {
  const me = owner();
  const claim = join(place.directory, place.names.claim(me.text));
  /** @type {import("node:fs/promises").FileHandle | undefined} */
  let handle;
  try {
    handle = await create(claim, me.text);
    await link(claim, end);
  } catch (error) {
    await handle?.close();
    handle = undefined;
    if (codeOf(error) !== "EEXIST") throw refused(end, error);
  } finally {
    await unlink(claim).catch(() => {});
  }
  if (!handle) return null;
  const beat = beating(handle);
  const release = async () => {
    clearInterval(beat);
    await handle.close();
    await leave(place, me.id, end);
  };
  if ((await follow(place)).holder?.id === me.id) return release;
  await release();
  return null;
}

/** Shows signs of life to those who cannot look. @param {import("node:fs/promises").FileHandle} handle */
function beating(handle) {
  const touch = () => {
    const now = new Date();
    // Through the open file: whatever has its name by now is not touched.
    handle.utimes(now, now).catch(() => {});
  };
  return setInterval(touch, BEAT).unref();
}

/**
 * Removes the chain when it leads to this one, from its first file on; else only what this one has made.
 *
 * @param {Place} place
 * @param {string} id
 * @param {string} end
 */
async function leave(place, id, end) {
  const { chain } = await follow(place);
  const isMine = chain.some((station) => station.id === id);
  for (const { path } of isMine ? chain : []) await patiently(() => unlink(path)).catch(ignoreMissing);
  if (!isMine && parse((await read(end))?.text ?? "")?.id === id) await unlink(end).catch(ignoreMissing);
}

/** @param {unknown} error */
function ignoreMissing(error) {
  if (codeOf(error) !== "ENOENT") throw error;
}

/**
 * Removes what no chain leads to any more. Only for the holder.
 *
 * @param {Place} place
 */
export async function tidy(place) {
  const { chain } = await follow(place);
  const used = chain.map(({ path }) => path);
  const { base } = place.names;
  for (const name of await readdir(place.directory)) {
    const path = join(place.directory, name);
    if (name.startsWith(`${base}.`) && name.endsWith(".next") && !used.includes(path)) await unlink(path).catch(() => {});
  }
}

/** @param {string} end @param {unknown} error */
function refused(end, error) {
  if (!NO_LINKS.includes(codeOf(error) ?? "") || /** @type {any} */ (error).syscall !== "link") {
    return failed(`make the lock ${shown(end)}`, error);
  }
  const message = `cannot make the lock ${shown(end)}: this file system has no hard links`;
  return storage(message, "Choose a `directory` on a disk of this machine.", { cause: error });
}

/**
 * @param {Place} place
 * @param {{ who: ReturnType<typeof parse> }} holder
 * @param {number} timeout
 */
function late({ directory, names }, { who }, timeout) {
  const whose = who && lives(who) !== null ? `process ${who.pid}` : "a process that cannot be seen from here";
  const message = `the lock ${shown(join(directory, names.lock))} was not given within ${timeout} ms: ${whose} holds it`;
  return storage(message, "Try again; if that process hangs, end it.", { retryable: true });
}
