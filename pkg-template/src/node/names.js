/** How the files of a key are called: names that every file system takes, encrypted ones as well, and that no two keys share. */
import { createHash } from "node:crypto";

/** For the eye only; what tells keys apart is the digest. */
const READABLE = 40;

/** Digits of the digest in names that have an owner's text in them besides. */
const SHORT = 32;

/** @param {string} key */
export function names(key) {
  const digest = createHash("sha256").update(key, "utf8").digest("hex");
  const readable = key.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, READABLE).replace(/^-|-$/g, "") || "key";
  const base = `${readable}-${digest}`;
  const short = digest.slice(0, SHORT);
  return {
    short,
    value: `${base}.session`,
    /** Not yet the value. @param {string} owner */
    draft: (owner) => `${short}.${owner}.tmp`,
    lock: `${base}.lock`,
    /** The lock of whoever comes after a holder that died. @param {string} id of the dead one */
    next: (id) => `${short}.${id}.next`,
    /** Not yet the lock. @param {string} owner */
    claim: (owner) => `${short}.${owner}.claim`,
  };
}

/** @typedef {ReturnType<typeof names>} Names */

const PASSING = /^(?:.*-[0-9a-f]{64}|[0-9a-f]{32})\.(?<owner>[0-9a-f]{16}-[0-9.]+-[0-9x]+-[0-9a-f]{32})\.(tmp|claim)$/;

/** Whose file it is, when it is one that should be there for a moment only. @param {string} name */
export function passing(name) {
  return PASSING.exec(name)?.groups?.owner;
}

/** Whether a value may be in it. @param {string} name */
export function isValue(name) {
  return /-[0-9a-f]{64}\.session$/.test(name);
}
