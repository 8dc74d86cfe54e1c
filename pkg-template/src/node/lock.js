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
 * All of this rests on no living holder being taken for dead. On Linux that is certain (`lives`); elsewhere, between containers, and where the
 * disk had no room for the holder's name, it is a matter of some seconds' silence (`Signs`).
 */
import { link, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { fileTime } from "./clock.js";
import { codeOf, failed, shown, storage } from "./failure.js";
import { create, read } from "./file.js";
import { Mark, isAbandoned } from "./mark.js";
import { lives, owner, parse, sinceBoot } from "./owner.js";
import { Waiting } from "./waiting.js";

/** What `link` says where files have one name only. */
const NO_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"];

/**
 * @typedef {object} Place
 * @property {string} directory
 * @property {import("./names.js").LockNames} names
 * @property {import("./signs.js").Signs} signs
 * @property {import("./signs.js").Bounds} bounds
 *
 * @typedef {object} Station
 * @property {string} path
 * @property {string} id
 * @property {number} inode
 * @property {number} touched
 */

/** Locks around which everything was put in order. @type {Set<string>} */
const tidied = new Set();

/**
 * Runs a task while no other runs for that place. What it gives is not lost to trouble with the lock.
 *
 * @template T
 * @param {Place} place
 * @param {(mark: Mark) => Promise<T>} task
 * @param {{ timeout: number, signal?: AbortSignal | undefined }} options
 * @returns {Promise<T>}
 */
export async function hold(place, task, options) {
  const mark = await acquire(place, options);
  try {
    const lock = join(place.directory, place.names.lock);
    if (!tidied.has(lock)) await tidy(place).catch(() => {});
    tidied.add(lock);
    return await task(mark);
  } finally {
    await mark.giveBack();
  }
}

/**
 * Waits for the lock, and gives what returns it.
 *
 * @param {Place} place
 * @param {{ timeout: number, signal?: AbortSignal | undefined }} options
 * @returns {Promise<Mark>}
 */
async function acquire(place, { timeout, signal }) {
  const deadline = performance.now() + timeout;
  const waiting = wait(place);
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { end, holder } = await follow(place);
      if (!holder) {
        const mark = await take(place, end);
        if (mark && signal?.aborted) await mark.giveBack();
        else if (mark) return mark;
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
 * Waits until nobody has the lock, without taking it: that takes room on the disk.
 *
 * @param {Place} place
 * @param {number} timeout
 */
export async function free(place, timeout) {
  const deadline = performance.now() + timeout;
  const waiting = wait(place);
  try {
    for (;;) {
      const { holder } = await follow(place);
      if (!holder) return;
      const left = deadline - performance.now();
      if (left <= 0) throw late(place, holder, timeout);
      await waiting.pause(left, undefined);
    }
  } finally {
    waiting.stop();
  }
}

/** @param {Place} place */
function wait({ directory, names }) {
  return new Waiting(directory, (name) => name === names.lock || (name.startsWith(names.short) && name.endsWith(".next")));
}

/**
 * Follows the chain to the first owner that lives, or to where the next one has to be made.
 *
 * @param {Place} place
 */
async function follow(place) {
  const { directory, names, signs, bounds } = place;
  /** @type {Station[]} */
  const chain = [];
  let end = join(directory, names.lock);
  for (;;) {
    const found = await read(end);
    if (!found) return { chain, end, holder: null };
    const { ino, mtimeMs } = found.stats;
    const who = parse(found.text);
    // There was no room for its owner's name, or a crash of the machine has taken it.
    const id = who?.id ?? `${ino}-${Math.trunc(mtimeMs)}`;
    chain.push({ path: end, id, inode: ino, touched: mtimeMs });
    const isAlive = who && (isAbandoned(who) ? false : lives(who));
    const isDead = isAlive === null
      ? signs.isSilent(id, bounds, { touched: mtimeMs, now: await fileTime(place), sinceBoot: who && sinceBoot(who) })
      : !isAlive;
    if (!isDead) return { chain, end, holder: { id, who, inode: ino } };
    end = join(directory, names.next(id));
  }
}

/**
 * Makes the file at the end of the chain. Null: another was faster. Whatever goes wrong after that, the file is taken away again.
 *
 * @param {Place} place
 * @param {string} end
 */
async function take(place, end) {
  const me = owner();
  const claim = join(place.directory, place.names.claim(me.text));
  /** @type {Mark | undefined} */
  let mark;
  const since = { steady: performance.now(), wall: Date.now() };
  try {
    mark = await Mark.of(await create(claim, me.text, { evenEmpty: true }), me, end, since);
    await link(claim, end).catch(async (error) => {
      // A network that lost the answer says that the file is there when it is the one just made.
      if (!(await mark?.isThere())) throw error;
    });
    await unlink(claim).catch(() => {});
    const { chain, holder } = await follow(place);
    if (holder?.inode === mark.inode) return mark.hold(chain, join(place.directory, place.names.next(me.id)));
    await mark.giveBack();
    return null;
  } catch (error) {
    await unlink(claim).catch(() => {});
    await mark?.giveBack();
    if (codeOf(error) !== "EEXIST") throw refused(end, error);
    return null;
  }
}

/**
 * Removes what no chain leads to any more. Only for the holder.
 *
 * @param {Place} place
 */
async function tidy(place) {
  const { chain } = await follow(place);
  const used = chain.map(({ path }) => path);
  for (const name of await readdir(place.directory)) {
    const path = join(place.directory, name);
    if (name.startsWith(`${place.names.short}.`) && name.endsWith(".next") && !used.includes(path)) await unlink(path).catch(() => {});
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
