/** Who holds something: a thread of a process of a machine, told apart from all that were and will be, and whether it still lives. */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import process from "node:process";
import { codeOf } from "./failure.js";

/** States of a process that has ended and that its parent has not yet asked after. */
const ENDED = ["Z", "X"];

/** @type {{ machine: string, place: string, start: string } | undefined} */
let self;

/**
 * A new text for a file's content or name. Its parts: a digest of the machine as this process sees it; the process, and in a worker its
 * thread, which may end before the process does; the moment of its start (`x` where the system does not tell); and random digits
 * that are never used again.
 */
export function owner() {
  const { machine, place, start } = (self ??= me());
  const id = randomBytes(16).toString("hex");
  return { id, text: `${machine}-${place}-${start}-${id}` };
}

/** @param {string} text */
export function parse(text) {
  const [, where, pid, thread, start, id] = /^([0-9a-f]{16})-([0-9]+)(?:\.([0-9]+))?-([0-9]+|x)-([0-9a-f]{32})$/.exec(text.trim()) ?? [];
  return id ? { machine: where, pid: Number(pid), thread, start, id } : null;
}

/**
 * Whether a process lives: true and false are certain, null is not known. A process number alone is no proof of life: numbers are given
 * again. One that is stopped, or too busy for its timers, lives.
 *
 * @param {NonNullable<ReturnType<typeof parse>>} who
 * @returns {boolean | null}
 */
export function lives(who) {
  self ??= me();
  if (who.machine !== self.machine) return null;
  try {
    process.kill(who.pid, 0);
  } catch (error) {
    if (codeOf(error) === "ESRCH") return false;
  }
  return who.start === "x" ? null : started(who.pid, who.thread) === who.start;
}

function me() {
  const thread = threadOf(process.pid);
  return { machine: machine(), place: thread ? `${process.pid}.${thread}` : `${process.pid}`, start: started(process.pid, thread) ?? "x" };
}

/** The number of the thread that asks, where the system tells it and it is not the first of the process. @param {number} pid */
function threadOf(pid) {
  const [, thread] = new RegExp(`^${pid}/task/([0-9]+)$`).exec(link("/proc/thread-self")) ?? [];
  return thread === `${pid}` ? undefined : thread;
}

/**
 * Machines, the times between two starts of one, and the containers on it: each counts processes for itself.
 */
function machine() {
  const parts = [process.platform, hostname(), text("/proc/sys/kernel/random/boot_id"), link("/proc/self/ns/pid"), link("/proc/self/ns/time")];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}

/** When a living process, or a thread of it, was started, in the system's own count. @param {number} pid @param {string} [thread] */
function started(pid, thread) {
  // The name, in parentheses, may itself have blanks and parentheses; then come the state and, nineteen further on, the start.
  const fields = text(`/proc/${pid}${thread ? `/task/${thread}` : ""}/stat`).replace(/^.*\) /s, "").split(" ");
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

/** @param {string} path */
function link(path) {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
