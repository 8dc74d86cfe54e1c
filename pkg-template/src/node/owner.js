/** Who holds something: a thread of a process of a machine, told apart from all that were and will be, and whether it still lives. */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname, uptime } from "node:os";
import process from "node:process";
import { codeOf } from "./failure.js";

/** States of a process that has ended and that its parent has not yet asked after. */
const ENDED = ["Z", "X"];

/** Digits of the two digests that an owner's text begins with. */
const HALF = 8;

/** @type {ReturnType<typeof me> | undefined} */
let self;

/** @typedef {NonNullable<ReturnType<typeof parse>>} Owner */

/**
 * A new text for a file's content or name. Its parts: a digest of the time between two starts of the machine, and one of the processes that this
 * one can see; the process, and in a worker its thread, which may end before the process does; the moment of its start (`x` where the system
 * does not tell); and random digits that are never used again.
 */
export function owner() {
  const { boot, view, place, start } = (self ??= me());
  const id = randomBytes(16).toString("hex");
  return { id, text: `${boot}${view}-${place}-${start}-${id}` };
}

/** The text of an owner that has gone: process 0, which is none. It is as long as the owner's own, in whose place it needs no room. @param {{ id: string, text: string }} owner */
export function gone({ id, text }) {
  const where = text.slice(0, 2 * HALF);
  return `${where}-${"0".repeat(text.length - where.length - id.length - 4)}-0-${id}`;
}

/** @param {string} text */
export function parse(text) {
  const [, where, pid, thread, start, id] = /^([0-9a-f]{16})-([0-9]+)(?:\.([0-9]+))?-([0-9]+|x)-([0-9a-f]{32})$/.exec(text.trim()) ?? [];
  return id ? { boot: where.slice(0, HALF), view: where.slice(HALF), isGone: Number(pid) === 0, pid: Number(pid), thread, start, id } : null;
}

/**
 * Whether a process lives: true and false are certain, null is not known. Whatever cannot be looked at is not known. A process number alone is no proof of
 * life: numbers are given again. One that is stopped, or too busy for its timers, lives.
 *
 * @param {Owner} who
 * @returns {boolean | null}
 */
export function lives(who) {
  if (who.isGone) return false;
  self ??= me();
  if (who.boot !== self.boot || who.view !== self.view) return null;
  try {
    process.kill(who.pid, 0);
  } catch (error) {
    if (codeOf(error) === "ESRCH") return false;
  }
  if (who.start === "x") return null;
  const start = started(who.pid, who.thread);
  return start === null ? null : start === who.start;
}

/** Whether it is this very thread. @param {Owner} who */
export function isSelf(who) {
  self ??= me();
  const place = who.thread ? `${who.pid}.${who.thread}` : `${who.pid}`;
  return who.boot === self.boot && who.view === self.view && place === self.place && who.start === self.start;
}

/**
 * For how long this machine has been running, milliseconds, when the owner is not of that time: of another machine, or of before its last start. Null:
 * it is of this time, or the system does not tell.
 *
 * @param {Owner} who
 */
export function sinceBoot(who) {
  self ??= me();
  return self.isBootKnown && who.boot !== self.boot ? uptime() * 1000 : null;
}

function me() {
  const thread = threadOf(process.pid);
  const boot = text("/proc/sys/kernel/random/boot_id");
  // Machines, and the containers on one, count processes each for itself.
  const views = [link("/proc/self/ns/pid"), link("/proc/self/ns/time")];
  const isViewKnown = process.platform !== "linux" || (boot !== null && views[0] !== null);
  return {
    isBootKnown: boot !== null,
    boot: digest([process.platform, boot ?? hostname()]),
    // Where it is not known, nobody's number means anything to anybody else.
    view: isViewKnown ? digest([hostname(), ...views]) : randomBytes(HALF / 2).toString("hex"),
    place: thread ? `${process.pid}.${thread}` : `${process.pid}`,
    start: started(process.pid, thread) || "x",
  };
}

/** @param {unknown[]} parts */
function digest(parts) {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, HALF);
}

/** The number of the thread that asks, where the system tells it and it is not the first of the process. @param {number} pid */
function threadOf(pid) {
  const [, thread] = new RegExp(`^${pid}/task/([0-9]+)$`).exec(link("/proc/thread-self") ?? "") ?? [];
  return thread === `${pid}` ? undefined : thread;
}

/**
 * When a process, or a thread of it, was started, in the system's own count; "" when it has ended, null when that cannot be seen: entries of others may be
 * hidden, and then even a process that is there has none.
 *
 * @param {number} pid
 * @param {string} [thread]
 */
function started(pid, thread) {
  const process = text(`/proc/${pid}/stat`);
  if (process === null || !thread) return process && startIn(process);
  try {
    return startIn(readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8"));
  } catch (error) {
    return codeOf(error) === "ENOENT" ? "" : null;
  }
}

/** @param {string} stat */
function startIn(stat) {
  // The name, in parentheses, may itself have blanks and parentheses; then come the state and, nineteen further on, the start.
  const fields = stat.replace(/^.*\) /s, "").split(" ");
  return ENDED.includes(fields[0]) ? "" : fields[19];
}

/** @param {string} path */
function text(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** @param {string} path */
function link(path) {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
