/** The file by which this process holds a lock, from its making to its end. */
import { lstat, unlink } from "node:fs/promises";
import { codeOf, storage } from "./failure.js";
import { gone, isSelf } from "./owner.js";
import { patiently } from "./patience.js";
import { BEAT } from "./signs.js";

/** Between two tries to say that a lock is free which cannot be removed, milliseconds. */
const AGAIN = 500;

/**
 * The ids of the marks that this thread holds, or is about to, for every copy of the package in it. A mark that is its own and not among them was
 * left by a mistake.
 *
 * @type {Set<string>}
 */
const mine = (/** @type {any} */ (globalThis)[Symbol.for("propusk.marks")] ??= new Set());

/** @param {import("./owner.js").Owner} who */
export function isAbandoned(who) {
  return isSelf(who) && !mine.has(who.id);
}

export class Mark {
  /** @type {import("node:fs/promises").FileHandle} */
  #handle;
  #me;
  #end;
  #text;
  /** From the first file of the chain to this one. @type {import("./lock.js").Station[]} */
  #chain = [];
  /** @type {NodeJS.Timeout | undefined} */
  #beat;
  #lost = new AbortController();
  #since;

  /**
   * @param {import("node:fs/promises").FileHandle} handle of the claim, which stays open: nothing that is done with the lock needs another one
   * @param {{ id: string, text: string }} me
   * @param {string} end where the mark will be
   * @param {{ steady: number, wall: number }} since before it was made
   * @param {import("node:fs").Stats} stats
   */
  constructor(handle, me, end, since, { ino, size }) {
    this.#handle = handle;
    this.#me = me;
    this.#end = end;
    // None: the disk was full.
    this.#text = size > 0 ? me.text : null;
    this.inode = ino;
    this.#since = since;
    mine.add(me.id);
  }

  /**
   * @param {import("node:fs/promises").FileHandle} handle
   * @param {{ id: string, text: string }} me
   * @param {string} end
   * @param {{ steady: number, wall: number }} since
   */
  static async of(handle, me, end, since) {
    try {
      return new Mark(handle, me, end, since, await handle.stat());
    } catch (error) {
      await handle.close().catch(() => {});
      throw error;
    }
  }

  /** Aborted when somebody else may have the lock by now. */
  get signal() {
    return this.#lost.signal;
  }

  /** How long it has been held, milliseconds, by whichever clock says more: one stands still while the machine sleeps, the other is set. */
  get age() {
    return Math.max(performance.now() - this.#since.steady, Date.now() - this.#since.wall);
  }

  /** Whether the file is where the lock is. */
  async isThere() {
    const stats = await lstat(this.#end).catch(() => null);
    return stats?.ino === this.inode;
  }

  /**
   * Shows signs of life to those who cannot look, and looks whether they have been seen.
   *
   * @param {import("./lock.js").Station[]} chain
   * @param {string} next where whoever takes this one for dead goes on
   */
  hold(chain, next) {
    this.#chain = chain;
    this.#beat = setInterval(async () => {
      await this.#touch();
      const isPassedOver = !(await this.isThere()) || (await lstat(next).then(() => true, () => false));
      if (isPassedOver && this.#beat) {
        this.#lost.abort(storage("the lock was passed over: this process showed no sign of life for too long", "Do no long work without a pause under a lock."));
      }
    }, BEAT).unref();
    return this;
  }

  /** Through the open file: whatever has its name by now is not touched. What is written is what stands there, for the sake of the disk's own clock. */
  async #touch() {
    if (this.#text !== null && (await this.#write(this.#text))) return;
    const now = new Date();
    await this.#handle.utimes(now, now).catch(() => {});
  }

  /** @param {string} text */
  #write(text) {
    return this.#handle.write(text, 0).then(() => true, () => false);
  }

  /**
   * Removes the chain, from its first file on; nothing of that needs room or another open file. Never fails: what cannot be removed is marked as given
   * back, as soon as that can be done.
   */
  async giveBack() {
    clearInterval(this.#beat);
    this.#beat = undefined;
    try {
      await this.#remove();
      await this.#handle.close();
    } catch {
      await this.#tellGone();
    }
    mine.delete(this.#me.id);
  }

  async #remove() {
    // Somebody who took this one for dead may have removed what comes before, and another have begun anew.
    const [first] = this.#chain;
    const stations = first && (await this.#isAsBefore(first)) ? this.#chain : [{ path: this.#end, inode: this.inode, touched: 0 }];
    for (const station of stations) {
      if (await this.#isAsBefore(station)) await patiently(() => unlink(station.path)).catch(missing);
    }
  }

  /** Numbers of files are given again, but not while they are open. @param {Pick<import("./lock.js").Station, "path" | "inode" | "touched">} station */
  async #isAsBefore({ path, inode, touched }) {
    const stats = await lstat(path).catch(missing);
    return stats?.ino === inode && (inode === this.inode || stats.mtimeMs === touched);
  }

  /** In the place of its owner's name, for others; if even that fails, again and again, for as long as this process runs. */
  async #tellGone() {
    if (await this.#write(gone(this.#me))) {
      await this.#handle.close().catch(() => {});
      return;
    }
    setTimeout(() => void this.#tellGone(), AGAIN).unref();
  }
}

/** @param {unknown} error */
function missing(error) {
  if (codeOf(error) !== "ENOENT") throw error;
  return null;
}
