/** Signs of life of holders that cannot be looked up: they touch their file while they hold it. */

/** How often a holder does, milliseconds. */
export const BEAT = 3_000;

/** Silence after which a holder counts as dead, milliseconds. */
const SILENCE = 30_000;

/** What is seen of a silence that began before, milliseconds: clocks differ, and a machine that was asleep wakes up with old files. */
const SEEN = 3 * BEAT;

/** After this nobody looks any more at a holder that was seen once, milliseconds. */
const FORGOTTEN = 600_000;

/** The holders that were looked at, by their id. */
export class Signs {
  /** @type {Map<string, { touched: number, since: number }>} */
  #seen = new Map();

  /**
   * @param {string} id
   * @param {number} touched by the clock of the files
   */
  isSilent(id, touched) {
    // Does not go on while the machine sleeps, and is not put right.
    const now = performance.now();
    const before = this.#seen.get(id);
    if (before?.touched !== touched) {
      for (const [other, { since }] of this.#seen) if (now - since > FORGOTTEN) this.#seen.delete(other);
      this.#seen.set(id, { touched, since: now });
      return false;
    }
    const seen = now - before.since;
    return seen >= SILENCE || (seen >= SEEN && Date.now() - touched >= SILENCE);
  }
}
