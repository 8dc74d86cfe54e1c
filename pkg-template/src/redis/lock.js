import { signalOf } from "../signal.js";
import { storage } from "./errors.js";
import { identity } from "./identity.js";
import { LASTS } from "./outages.js";
import { RELEASE, TAKE } from "./scripts.js";

/** Pauses between two looks at a lock that another holds, milliseconds. */
const SHORTEST = 20;
const LONGEST = 200;

/** Longest wait for a lock, milliseconds. */
const PATIENCE = 29_000;

/** How long Redis knows of a holder whose lock has ended, milliseconds. */
const KNOWN = 30_000;

/**
 * A lock with an owner and an end. While the task runs the end is put off; so a holder that dies is passed over when
 * it comes. It comes also to a holder that lives, while Redis is asleep or away. So a lock that ended without being given back is for a
 * while its holder's, to take anew, and nobody else's; and a holder that cannot reach Redis for too long tells its task.
 *
 * @param {import("./calls.js").Call} call
 * @param {(key: string) => import("./names.js").Names} names
 * @param {number} ttl
 * @param {import("./outages.js").Outages} noted
 */
export function locking(call, names, ttl, noted) {
  const lasts = Math.max(1, Math.round(ttl * LASTS));
  const times = [lasts, Math.max(KNOWN, ttl * 6), ttl - lasts].map(String);

  /**
   * @template T
   * @param {string} key
   * @param {(signal: AbortSignal) => Promise<T>} task
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<T>}
   */
  return async function withLock(key, task, options) {
    const signal = signalOf(options);
    signal?.throwIfAborted();
    const { lock, held } = names(key);
    const owner = identity();
    const lost = new AbortController();
    let isOver = false;
    /** When Redis was last asked that said that the lock is held. */
    let confirmed = 0;

    /** @param {boolean} isHolder */
    const take = (isHolder) =>
      call(
        isHolder ? "keep the lock" : "take the lock",
        async ({ run }) => {
          if (isOver) return false;
          const asked = performance.now();
          const how = isHolder ? "take" : noted.advice();
          const isMine = Number(await run(TAKE, [lock, held], owner, ...times, how)) === 1;
          // Granted to somebody who went away meanwhile.
          if (isMine && isOver) void release(true);
          if (isMine) confirmed = Math.max(confirmed, asked);
          return isMine;
        },
        { background: isHolder },
      );

    /** If it fails, the lock ends by itself. */
    const release = async (/** @type {boolean} */ background) => {
      isOver = true;
      await call("give the lock back", ({ run }) => run(RELEASE, [lock, held], owner), { background }).catch(() => {});
    };

    const end = performance.now() + PATIENCE;
    try {
      for (let longest = SHORTEST; !(await unlessAborted(take(false), signal)); longest = Math.min(longest * 2, LONGEST)) {
        if (performance.now() >= end) throw late(key);
        await pause(longest * (0.5 + Math.random() / 2), signal);
      }
    } catch (error) {
      // The answer may have been lost instead of the question.
      void release(true);
      throw error;
    }

    const keeping = keep(
      async () => {
        if (!(await take(true)) && !isOver) lost.abort(passedOver());
      },
      // Before anybody else may have it.
      () => performance.now() - confirmed > ttl * 0.9 && !isOver && lost.abort(passedOver()),
      lasts / 3,
    );
    try {
      return await task(lost.signal);
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
 * @param {() => unknown} look
 * @param {number} ms
 */
function keep(extend, look, ms) {
  let isBusy = false;
  /** @type {any} a number in browsers, an object in Node */
  const timer = setInterval(() => {
    look();
    if (isBusy) return;
    isBusy = true;
    extend()
      .catch(() => {})
      .finally(() => (isBusy = false));
  }, ms);
  timer.unref?.();
  return timer;
}

/** @param {string} key */
function late(key) {
  return storage(`the lock of ${JSON.stringify(key)} was not given within ${PATIENCE} ms: another holder lives`, "Try again; if that holder hangs, end it.");
}

function passedOver() {
  return storage("the lock may be another's by now: Redis could not be reached for too long", "Look at the load of Redis and the network, or give `redisStore` a longer `lockTtl`.");
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
