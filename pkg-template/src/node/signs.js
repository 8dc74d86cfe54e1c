/** Signs of life of holders that cannot be looked up: they touch their file while they hold it, and what they do is short. */

/** How often a holder does, milliseconds. */
export const BEAT = 2_000;

/**
 * How long a holder can be silent, milliseconds. `seen`: so long it was watched. `stale`: so old its file is, when it was watched for a while as well: clocks are
 * set, and a machine that was asleep wakes up with old files and living holders. `old`: so old that one look is enough.
 *
 * @typedef {{ seen: number, stale: number, old: number }} Bounds
 */

/** Of a lock that a caller's task holds. All are shorter than the patience of those who wait for it. @type {Bounds} */
export const TASK = { seen: 12_000, stale: 30_000, old: 600_000 };

/** Of the lock of a write, whose holder gives up by itself after `LEASE`. @type {Bounds} */
export const WRITE = { seen: 2_500, stale: 5_000, old: 5_000 };

/** What a write may take from having the lock to the change, milliseconds. */
export const LEASE = 1_500;

/** After this nobody looks any more at a holder that was seen once, milliseconds. */
const FORGOTTEN = 600_000;

/** How old the file of a holder of before this machine's start has to be, milliseconds: others, elsewhere, may hold it for longer than this machine runs. */
const BEFORE = 3 * BEAT;

/** The holders that were looked at, by their id. */
export class Signs {
  /** @type {Map<string, { touched: number, since: number }>} */
  #seen = new Map();

  /**
   * @param {string} id
   * @param {Bounds} bounds
   * @param {{ touched: number, now: number, sinceBoot: number | null }} moments of the file, of the look by the clock of the files, and how long this machine has
   *   been running when the holder is of before that, or of elsewhere
   */
  isSilent(id, bounds, { touched, now, sinceBoot }) {
    // Does not go on while the machine sleeps, and is not put right.
    const here = performance.now();
    const age = now - touched;
    if (age >= bounds.old || (sinceBoot !== null && age > Math.max(sinceBoot, BEFORE))) return true;
    const before = this.#seen.get(id);
    if (before?.touched !== touched) {
      for (const [other, { since }] of this.#seen) if (here - since > FORGOTTEN) this.#seen.delete(other);
      this.#seen.set(id, { touched, since: here });
      return false;
    }
    const seen = here - before.since;
    return seen >= bounds.seen || (age >= bounds.stale && seen > BEAT * 1.5);
  }
}
