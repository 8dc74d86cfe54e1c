import { storage } from "./errors.js";
import { identity } from "./identity.js";
import { DELETE, LOOK, MEMORY, READ, SET, SWAP_DELETE, SWAP_SET } from "./scripts.js";

/**
 * Values, each with a record of its changes beside it, which a deletion leaves behind for a day.
 *
 * So a Redis that lost what it held can be told from a value that was deleted: where this store has seen a value and
 * soon after finds neither value nor record, nobody deleted it, or the record would still be there; and where the
 * version is smaller than one seen before, an older state came back. Both is a failure of the storage and not a
 * logout, until something is written again. (Whoever deletes the value by hand signs out all the same: the record
 * stays.)
 *
 * @param {import("./calls.js").Call} call
 * @param {(key: string) => import("./names.js").Names} names
 * @param {() => void} untold is called when a change could not be told
 */
export function values(call, names, untold) {
  /** What was last seen: `at` in microseconds of Redis's clock. @type {Map<string, { version: number, at: number, isThere: boolean }>} */
  const seen = new Map();

  /** @param {string} key @returns {Promise<string | null>} */
  async function get(key) {
    const { value: place, record } = names(key);
    // Of before the question: what is seen meanwhile may be newer than the answer.
    const known = seen.get(key);
    const reply = await call("read the session", ({ run }) => run(READ, [place, record]));
    const value = reply[0] == null ? null : String(reply[0]);
    const version = versionOf(reply[1]);
    const at = micros(reply[2], reply[3]);
    if (known && version < known.version) {
      // Half the time that records are kept: clocks are not that exact.
      const mayBeForgotten = !known.isThere || at - known.at > MEMORY * 500;
      if (version > 0) throw lost("it holds an older state than it did");
      if (value === null && !mayBeForgotten) throw lost("a session that it held is gone, and nobody deleted it");
    }
    if (seen.get(key) === known) seen.set(key, { version, at, isThere: value !== null });
    return value;
  }

  /**
   * Says whether it was written.
   *
   * @param {string} key
   * @param {string | null} value null: none
   * @param {string | null} [expected] what has to be there; left out: anything
   */
  async function write(key, value, expected) {
    const { value: place, record, channel } = names(key);
    const name = identity();
    const floor = String(seen.get(key)?.version ?? 0);
    const [plain, swap] = value === null ? [DELETE, SWAP_DELETE] : [SET, SWAP_SET];
    const script = expected === undefined ? plain : swap;
    const what = value === null ? "delete the session" : "write the session";
    const [done, at] = await call(what, async ({ run, left }) => {
      const [, seconds, rest] = await run(LOOK, [record]);
      const now = micros(seconds, rest);
      const deadline = String(Math.floor(now + left() * 1000));
      const words = [name, deadline, floor, channel, value ?? "", expected == null ? "-" : `=${expected}`];
      const answer = String(await run(script, [place, record], ...words));
      if (answer === "late") throw new Error("Redis came to it too late, and did nothing");
      return /** @type {const} */ ([answer, now]);
    });
    if (done === "other") return false;
    if (done.endsWith("untold")) untold();
    seen.set(key, { version: versionOf(done), at, isThere: value !== null });
    return true;
  }

  return {
    get,
    write,
    /**
     * The version now, for whoever wants to know whether there was a change since; null where that takes a second try,
     * since by then it may be another one.
     *
     * @param {string} key
     * @returns {Promise<number | null>}
     */
    async version(key) {
      let tries = 0;
      const look = async (/** @type {import("./calls.js").Attempt} */ { run }) => (++tries > 1 ? null : run(LOOK, [names(key).record]));
      const found = await call("look for changes", look, { background: true });
      return found && versionOf(found[0]);
    },
  };
}

/** The version that a record begins with. @param {unknown} record */
function versionOf(record) {
  return Number.parseInt(String(record), 10) || 0;
}

/**
 * @param {unknown} seconds
 * @param {unknown} rest
 */
function micros(seconds, rest) {
  return Number(seconds) * 1_000_000 + Number(rest);
}

/** @param {string} what */
function lost(what) {
  return storage(
    `Redis has lost data: ${what}`,
    "Turn on its persistence (appendonly yes), and let it evict no keys. Whoever still has the session stores it again with its next renewal.",
  );
}
