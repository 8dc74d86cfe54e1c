import { isAuthError } from "../error.js";
import { reason, storage } from "./errors.js";

/** Answers of a Redis that is starting, changing its role or busy: the same call soon succeeds. */
const PASSING = /^(LOADING|BUSY|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|ASK|UNBLOCKED)\b/;

/** How every answer begins by which Redis refuses a command; what clients say themselves does not begin so. */
const REFUSAL = /^[A-Z]{2,} /;

/** Pause between two tries, milliseconds. */
const PAUSE = 50;

/** Between two looks whether the connection stands, milliseconds. */
const LOOK = 20;

const LATE = Symbol();
const NOT_READY = new Error("the connection is not ready");

/**
 * @typedef {(script: string, keys: string[], ...words: string[]) => Promise<any>} Run runs a script in Redis
 *
 * @typedef {object} Attempt
 * @property {Run} run
 * @property {() => number} left time until the call is given up, milliseconds
 *
 * @typedef {object} Manner
 * @property {boolean} [background] the wait does not keep the process
 *
 * @typedef {<T>(what: string, attempt: (attempt: Attempt) => Promise<T>, manner?: Manner) => Promise<T>} Call
 */

/**
 * Calls that end within `timeout`, in success or with a `storage` error: at once where the client was closed. Where the connection breaks, an attempt is
 * made again as long as there is time, so it must do no harm when it is made twice.
 *
 * @param {import("./link.js").Link} redis
 * @param {number} timeout
 * @param {import("./outages.js").Outages} noted
 * @returns {Call}
 */
export function calls(redis, timeout, noted) {
  let stood = false;

  return async (what, attempt, { background = false } = {}) => {
    const end = performance.now() + timeout;
    const left = () => end - performance.now();
    /** @type {Run} */
    const run = async (script, keys, ...words) => {
      // An attempt that was given up goes no further, and nothing is to lie in a queue until the connection is back.
      if (left() <= 0 || !redis.isReady()) throw NOT_READY;
      const answered = noted.asked();
      const answer = await redis.send(["EVAL", script, String(keys.length), ...keys, ...words]);
      answered();
      return answer;
    };
    /** @type {unknown} */
    let last;
    do {
      try {
        if (redis.isReady()) {
          stood = true;
          const result = await inTime(attempt({ run, left }), left(), background);
          if (result !== LATE) return result;
        } else if (stood && redis.isEnded()) {
          throw closed(what);
        } else {
          noted.failed();
          // Looked at again and again: a client would warn of many listeners.
          redis.wake();
          throw NOT_READY;
        }
      } catch (exception) {
        if (isAuthError(exception)) throw exception;
        if (isRefusal(exception)) throw refused(what, exception);
        noted.failed();
        if (exception !== NOT_READY) last = exception;
        await inTime(new Promise(() => {}), Math.min(left(), exception === NOT_READY ? LOOK : PAUSE * (1 + Math.random())), background);
      }
    } while (left() > 0);
    throw late(what, timeout, redis.isReady(), last);
  };
}

/**
 * What a promise gives, or LATE.
 *
 * @template T
 * @param {Promise<T>} promise
 * @param {number} ms
 * @param {boolean} background
 * @returns {Promise<T | typeof LATE>}
 */
async function inTime(promise, ms, background) {
  /** @type {any} a number in browsers, an object in Node */
  let timer;
  /** @type {Promise<typeof LATE>} */
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(LATE), Math.max(0, ms));
    if (background) timer.unref?.();
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** @param {any} exception */
function isRefusal(exception) {
  const text = String(exception?.message);
  return REFUSAL.test(text) && !PASSING.test(text);
}

/**
 * @param {string} what
 * @param {unknown} exception
 */
function refused(what, exception) {
  return storage(
    `Redis refused to ${what}: ${reason(exception)}`,
    "The store needs Redis 5 or later with memory and disk to write to, and, where there are access lists, +eval +get +set +del +pexpire +time +publish +subscribe for the keys and channels under its prefix.",
    exception,
  );
}

/** @param {string} what */
function closed(what) {
  return storage(`could not ${what}: the client of Redis was closed`, "Close the client of Redis after everything that uses it.");
}

/**
 * @param {string} what
 * @param {number} timeout
 * @param {boolean} isReady
 * @param {unknown} exception
 */
function late(what, timeout, isReady, exception) {
  return isReady
    ? storage(
        `could not ${what} within ${timeout} ms: Redis did not answer`,
        "Look at the load of Redis and the network, or give `redisStore` a longer `timeout`.",
        exception,
      )
    : storage(
        `could not ${what} within ${timeout} ms: the client is not connected to Redis`,
        "Connect the client before it is used, and see that Redis can be reached.",
        exception,
      );
}
