/**
 * A lock between tabs where the browser has none (pages of http: addresses): an entry in the database that says who holds
 * it and until when. Its holder extends it; that of a tab that was killed runs out.
 */
import { SHARED, announce, watch } from "./changes.js";
import { Silence, exchange, reach } from "./database.js";
import { inTurn, lockOr } from "./lock.js";

/** How long a holder in sight counts without a sign of life, milliseconds. Servers forgive a token sent twice about so long. */
const LEASE = 4_000;
/** The same for a hidden page, whose timers run once a minute. */
const HIDDEN = 75_000;
/** Milliseconds from one sign of life to the next. */
const BEAT = 1_000;
/** Longest pause before a waiter looks again, milliseconds. */
const PAUSE = 500;

/** @typedef {{ owner: string, until: number }} Lease */

/**
 * @template T
 * @param {string} key
 * @param {() => Promise<T>} task
 * @param {{ signal?: AbortSignal }} [options]
 * @returns {Promise<T>}
 */
async function withLease(key, task, { signal } = {}) {
  const entry = `lease:${key}`;
  const owner = crypto.getRandomValues(new Uint32Array(4)).join("-");
  /** @param {(before: Lease | undefined) => Lease | null | undefined} decide @returns {Promise<Lease | undefined>} */
  const change = (decide) => exchange(entry, decide, "relaxed");
  const isMine = (/** @type {Lease | undefined} */ lease) => lease?.owner === owner;

  for (;;) {
    if (signal?.aborted) throw signal.reason;
    let isFree = false;
    const before = await change((lease) => {
      isFree = isOver(lease);
      return isFree ? made(owner) : undefined;
    });
    if (isFree) break;
    await freed(entry, /** @type {Lease} */ (before).until, signal);
  }
  const beat = setInterval(() => change((lease) => (isMine(lease) ? made(owner) : undefined)).catch(() => {}), BEAT);
  try {
    if (signal?.aborted) throw signal.reason;
    return await task();
  } finally {
    clearInterval(beat);
    // What cannot be given back runs out.
    await change((lease) => (isMine(lease) ? null : undefined)).catch(() => {});
    announce(entry, {});
  }
}

/**
 * The lock of a page's stores: the browser's; where it has none, this one; and where there is no database either, of this page alone.
 *
 * @type {import("./lock.js").WithLock}
 */
export const lock = lockOr(async (key, task, options) => {
  const isReached = await reach().then(
    () => true,
    (error) => {
      if (error instanceof Silence) throw error;
    },
  );
  return (isReached ? withLease : inTurn)(key, task, options);
});

/** @param {string} owner @returns {Lease} */
function made(owner) {
  const isHidden = globalThis.document?.visibilityState === "hidden";
  return { owner, until: Date.now() + (isHidden ? HIDDEN : LEASE) };
}

/** An end further away than any lease: the clock was set back since. @param {Lease | undefined} lease */
function isOver(lease) {
  const left = lease ? lease.until - Date.now() : 0;
  return !(left > 0 && left <= HIDDEN);
}

/**
 * Waits for the holder, or a while.
 *
 * @param {string} entry
 * @param {number} until
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
function freed(entry, until, signal) {
  return new Promise((resolve) => {
    const end = () => {
      stop();
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const stop = watch({ place: SHARED, key: entry, owner: {}, listener: end });
    // Not all at the same moment.
    const timer = setTimeout(end, Math.min(Math.max(until - Date.now(), 0), PAUSE) + Math.random() * 100);
    signal?.addEventListener("abort", end);
  });
}
