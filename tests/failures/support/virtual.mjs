/** Time that passes only when a test says so: the timers that the package sets, and a clock for the option `now`. */
import { clock } from "../../support/suite.mjs";

/** Turns of the event loop in which everything ends that waits for no timer and no socket. */
const TURNS = 8;

/**
 * Takes the place of the global timers until the test ends. Only for tests that open no socket: Node's fetch uses these timers, too.
 *
 * @param {import("node:test").TestContext} t
 */
export function virtual(t) {
  const time = clock(1_800_000_000_000);
  const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  t.after(() => Object.assign(globalThis, real));
  /** @type {Map<number, { at: number, callback: () => void }>} */
  const timers = new Map();
  /** What timers were set to, milliseconds. @type {number[]} */
  const delays = [];
  Object.assign(globalThis, {
    setTimeout: (/** @type {() => void} */ callback, /** @type {number} */ delay) => {
      // As hosts do: what does not fit fires at once.
      const fits = delay >= 0 && delay < 2 ** 31;
      timers.set(delays.push(delay), { at: time.now() + (fits ? delay : 0), callback });
      return delays.length;
    },
    clearTimeout: (/** @type {number} */ id) => void timers.delete(id),
  });
  async function settle() {
    for (let turn = 0; turn < TURNS; turn += 1) await new Promise(setImmediate);
  }
  return {
    now: time.now,
    delays,
    /** Lets time pass, in steps; what is due in a step is called at its end. @param {number} ms @param {number} [step] */
    async pass(ms, step = ms) {
      for (let left = ms; left > 0; left -= step) {
        time.pass(Math.min(step, left));
        for (const [id, { at, callback }] of [...timers].sort(([, one], [, other]) => one.at - other.at)) {
          if (at <= time.now() && timers.delete(id)) callback();
        }
        await settle();
      }
    },
  };
}

/**
 * A service in the place of `fetch`: every token request is answered with what `grant` gives, every other with 200, or once with 401
 * after `refuse`. No socket is waited for.
 *
 * @param {(n: number) => string} grant the body of the n-th token answer
 */
export function service(grant) {
  const counts = { tokens: 0, calls: 0 };
  let status = 200;
  /** @type {typeof fetch} */
  const answer = async (input) => {
    if (String(input instanceof Request ? input.url : input).endsWith("/oauth/token")) {
      return new Response(grant(++counts.tokens), { headers: { "content-type": "application/json" } });
    }
    counts.calls += 1;
    const response = new Response("{}", { status, headers: { "content-type": "application/json" } });
    status = 200;
    return response;
  };
  return { counts, fetch: answer, refuse: () => void (status = 401) };
}

/** A token answer whose `expires_in` is written as given; left out where nothing is. @param {string} [expiresIn] in JSON */
export const granting = (expiresIn) => (/** @type {number} */ n) =>
  `{"access_token":"access-${n}","refresh_token":"refresh-${n}","token_type":"bearer"${expiresIn === undefined ? "" : `,"expires_in":${expiresIn}`}}`;
