/** The sessions that lie under a prefix, without what is secret in them. */
import { matches, summary } from "../record.js";
import { calls } from "./calls.js";
import { link } from "./link.js";
import { keyOf, naming } from "./names.js";
import { DEFAULTS, readPrefix } from "./options.js";
import { outages } from "./outages.js";
import { values } from "./values.js";
import { warnUntold } from "./warning.js";

/** How the names begin under which clients keep sessions, after the prefix. */
const CLIENTS = "propusk:";

/** How many names are asked for at once. */
const MANY = "500";

/**
 * @param {any} client
 * @param {unknown} options
 * @param {string} taker
 */
export function listing(client, options, taker) {
  const { prefix } = readPrefix(options, taker);
  const redis = link(client, taker);
  const call = calls(redis, DEFAULTS.timeout, outages(DEFAULTS.lockTtl));
  const names = naming(prefix, redis.keyPrefix);
  const { get, write } = values(call, names, () => warnUntold(redis));

  async function look() {
    const found = [];
    for (const key of await keys()) {
      // What somebody else keeps there may be no text at all.
      const text = await get(key).catch((error) => {
        if (/WRONGTYPE/.test(String(error.cause?.message))) return null;
        throw error;
      });
      const session = text === null ? null : summary(text);
      if (text !== null && session) found.push({ key, text, session });
    }
    return found;
  }

  /** Of each server's names, a part at a time: it goes on with its work in between. */
  async function keys() {
    const before = redis.keyPrefix + prefix;
    /** @type {Set<string>} */
    const found = new Set();
    for (const send of await call("look for sessions", async () => redis.nodes())) {
      let cursor = "0";
      do {
        const step = ["SCAN", cursor, "MATCH", `${literal(before)}${CLIENTS}*`, "COUNT", MANY];
        const [next, some] = /** @type {[unknown, unknown[]]} */ (await call("look for sessions", () => send(step)));
        cursor = String(next);
        for (const name of some) {
          const key = keyOf(String(name), before);
          if (key?.startsWith(CLIENTS)) found.add(key);
        }
      } while (cursor !== "0");
    }
    return [...found].sort();
  }

  /** @param {import("../record.js").Named} session */
  async function remove(session) {
    const isMeant = matches(session);
    let isRemoved = false;
    for (const { key, text, session: found } of await look()) {
      if (!isMeant(found)) continue;
      /** @type {string | null} */
      let seen = text;
      while (seen !== null) {
        if (await write(key, null, seen)) {
          isRemoved = true;
          break;
        }
        // Renewed meanwhile: it is the same session.
        const now = await get(key);
        const next = now === null ? null : summary(now);
        seen = next && isMeant(next) ? now : null;
      }
    }
    return isRemoved;
  }

  return { look, remove };
}

/** Of signs that mean something in a pattern. @param {string} text */
function literal(text) {
  return text.replace(/[\\*?[\]^-]/g, "\\$&");
}
