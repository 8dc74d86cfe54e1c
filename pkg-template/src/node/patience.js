import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "./failure.js";

/** Tries, and the pause before the second, milliseconds; each pause is twice as long. */
const TRIES = 8;
const PAUSE = 5;

/** What Windows says of a file that another process, a virus scanner for one, has open just now. */
const BUSY = ["EACCES", "EBUSY", "EPERM"];

/**
 * Does what Windows may refuse for a moment.
 *
 * @template T
 * @param {() => Promise<T>} act
 * @returns {Promise<T>}
 */
export async function patiently(act) {
  for (let n = 1; ; n += 1) {
    try {
      return await act();
    } catch (error) {
      if (process.platform !== "win32" || n === TRIES || !BUSY.includes(codeOf(error) ?? "")) throw error;
      await sleep(PAUSE * 2 ** (n - 1));
    }
  }
}
