/** Who holds something: a process of a machine, told apart from all that were and will be, and whether it still lives. */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import process from "node:process";
import { codeOf } from "./failure.js";

/** States of a process that has ended and that its parent has not yet asked after. */
const ENDED = ["Z", "X"];

/** @type {{ machine: string, start: string } | undefined} */
let self;

/**
 * A new text for a file's content or name. Its parts: a digest of the machine as this process sees it, the process, the
 * moment of its start (`x` where the system does not tell), and random digits that are never used again.
 */
export function owner() {
  self ??= { machine: machine(), start: started(process.pid) ?? "x" };
  const id = randomBytes(16).toString("hex");
  return { id, text: `${self.machine}-${process.pid}-${self.start}-${id}` };
}

/** @param {string} text */
export function parse(text) {
  const [, where, pid, start, id] = /^([0-9a-f]{16})-([0-9]+)-([0-9]+|x)-([0-9a-f]{32})$/.exec(text.trim()) ?? [];
  return id ? { machine: where, pid: Number(pid), start, id } : null;
}

/**
 * Whether a process lives: true and false are certain, null is not known. A process number alone is no proof of life: numbers are given
 * again. One that is stopped, or too busy for its timers, lives.
 *
 * @param {NonNullable<ReturnType<typeof parse>>} who
 * @returns {boolean | null}
 */
export function lives(who) {
  self ??= { machine: machine(), start: started(process.pid) ?? "x" };
  if (who.machine !== self.machine) return null;
  try {
    process.kill(who.pid, 0);
  } catch (error) {
    if (codeOf(error) === "ESRCH") return false;
  }
  return who.start === "x" ? null : started(who.pid) === who.start;
}

/**
 * Machines, the times between two starts of one, and the containers on it: each counts processes for itself.
 */
function machine() {
  const parts = [process.platform, hostname(), text("/proc/sys/kernel/random/boot_id"), link("pid"), link("time")];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}

/** When a living process was started, in the system's own count. @param {number} pid */
function started(pid) {
  // The name, in parentheses, may itself have blanks and parentheses; then come the state and, nineteen further on, the start.
  const fields = text(`/proc/${pid}/stat`).replace(/^.*\) /s, "").split(" ");
  return ENDED.includes(fields[0]) ? undefined : fields[19];
}

/** @param {string} path */
function text(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** @param {string} namespace */
function link(namespace) {
  try {
    return readlinkSync(`/proc/self/ns/${namespace}`);
  } catch {
    return "";
  }
}
