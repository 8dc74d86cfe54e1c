import { identity } from "./identity.js";
import { RELEASE, TAKE } from "./scripts.js";

/** Pauses between two looks at a lock that another holds, milliseconds. */
const SHORTEST = 20;
const LONGEST = 200;

/**
 * A lock with an owner and an end. While the task runs the end is put off; so a holder that dies is passed over when
 * it comes. It comes also to a holder that lives, while Redis is away. So after an outage a lock that ended is for a
 * while its holder's, to take anew, and nobody else's.
 *
 * @param {import("./calls.js").Call} call
 * @param {(key: string) => import("./names.js").Names} names
 * @param {number} ttl
 * @param {() => boolean} isAfterOutage
 */
export function locking(call, names, ttl, isAfterOutage) {
  /**
   * @template T
   * @param {string} key
   * @param {() => Promise<T>} task
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<T>}
   */
  return async function withLock(key, task, { signal } = {}) {
    signal?.throwIfAborted();
    const { lock } = names(key);
    const owner = identity();
    let isOver = false;

    /** @param {boolean} isHolder */
    const take = (isHolder) =>
      call(
        "take the lock",
        async ({ run }) => {
          if (isOver) return false;
          const how = !isHolder && isAfterOutage() ? "keep" : "take";
          const isMine = Number(await run(TAKE, [lock], owner, String(ttl), how)) === 1;
          // Granted to somebody who went away meanwhile.
          if (isMine && isOver) void release(true);
          return isMine;
        },
        { background: isHolder },
      );

    /** If it fails, the lock ends by itself. */
    const release = async (/** @type {boolean} */ background) => {
      isOver = true;
      await call("give the lock back", ({ run }) => run(RELEASE, [lock], owner), { background }).catch(() => {});
    };

    try {
      for (let longest = SHORTEST; !(await unlessAborted(take(false), signal)); longest = Math.min(longest * 2, LONGEST)) {
        await pause(longest * (0.5 + Math.random() / 2), signal);
      }
    } catch (error) {
      // The answer may have been lost instead of the question.
      void release(true);
      throw error;
    }

    const keeping = keep(() => take(true), ttl / 3);
    try {
      return await task();
    } finally {
      clearInterval(keeping);
      await release(false);
    }
  };
}

/**
 * Puts the end of a lock off, again and again. It is taken anew when it ended meanwhile, in an outage, and nobody else
 * has it.
 *
 * @param {() => Promise<unknown>} extend
 * @param {number} ms
 */
function keep(extend, ms) {
  let isBusy = false;
  /** @type {any} a number in browsers, an object in Node */
  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    extend()
      .catch(() => {})
      .finally(() => (isBusy = false));
  }, ms);
  timer.unref?.();
  return timer;
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<T>}
 */
function unlessAborted(promise, signal) {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    const settled = () => signal.removeEventListener("abort", abort);
    signal.addEventListener("abort", abort);
    promise.finally(settled).then(resolve, reject);
    if (signal.aborted) abort();
  });
}

/**
 * @param {number} ms
 * @param {AbortSignal | undefined} signal
 */
async function pause(ms, signal) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const slept = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
  await unlessAborted(slept, signal).finally(() => clearTimeout(timer));
}
