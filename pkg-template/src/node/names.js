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
  return namesOf(`${readable}-${digest}.session`);
}

/** Those that belong to a value. @param {string} value the name of its file */
export function namesOf(value) {
  const base = value.slice(0, -".session".length);
  const short = base.slice(-64).slice(0, SHORT);
  /** Not yet the lock. @param {string} owner */
  const claim = (owner) => `${short}.${owner}.claim`;
  return {
    short,
    value,
    /** Not yet the value. @param {string} owner */
    draft: (owner) => `${short}.${owner}.tmp`,
    lock: `${base}.lock`,
    /** The lock of whoever comes after a holder that died. @param {string} id of the dead one */
    next: (id) => `${short}.${id}.next`,
    claim,
    /** A lock of its own, for a write: the other one is the caller's. */
    writing: {
      short: `${short}w`,
      lock: `${base}.write`,
      /** @param {string} id */
      next: (id) => `${short}w.${id}.next`,
      claim,
    },
  };
}

/**
 * @typedef {ReturnType<typeof names>} Names
 * @typedef {Names["writing"]} LockNames
 */

const PASSING = /^(?:.*-[0-9a-f]{64}|[0-9a-f]{32})\.(?<owner>[0-9a-f]{16}-[0-9.]+-[0-9x]+-[0-9a-f]{32})\.(tmp|claim)$/;

/** Whose file it is, when it is one that should be there for a moment only. @param {string} name */
export function passing(name) {
  return PASSING.exec(name)?.groups?.owner;
}

/** Whether a value may be in it. @param {string} name */
export function isValue(name) {
  return /-[0-9a-f]{64}\.session$/.test(name);
}
