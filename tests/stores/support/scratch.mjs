/** Folders and processes of one test file, gone when its test is over. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { afterEach } from "node:test";
import { loadNode, project } from "../../support/package.mjs";

export const { fileStore } = await loadNode();

/** @type {(() => unknown)[]} */
let ends = [];
afterEach(async () => {
  const due = ends;
  ends = [];
  for (const end of due.reverse()) await end();
});

/** Runs `end` after the test. @param {() => unknown} end */
export const later = (end) => void ends.push(end);

/** How long anything is waited for on a busy machine, milliseconds. */
const PATIENCE = 120_000;

/** An empty folder. */
export function scratch() {
  const folder = mkdtempSync(join(tmpdir(), "propusk-store-"));
  later(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

let scripts = 0;

/** Starts a Node program beside the installed package. @param {string} source @param {string[]} args @param {object} [env] */
function launch(source, args, env) {
  const path = join(project(), `program-${++scripts}.mjs`);
  writeFileSync(path, source);
  const child = spawn(process.execPath, [path, ...args], { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...env } });
  // A program that was killed may still be written to.
  child.stdin.on("error", () => {});
  later(() => child.kill("SIGKILL"));
  return child;
}

/**
 * Runs a program to its end, and gives what it printed. It has to end by itself, in less time than the wait for a lock takes.
 *
 * @param {string} source
 * @param {{ args?: string[], env?: object }} [options]
 */
export async function run(source, { args = [], env } = {}) {
  const child = launch(source, args, env);
  const overdue = setTimeout(() => child.kill("SIGKILL"), 25_000);
  const [[code, signal], out, err] = await Promise.all([once(child, "close"), text(child.stdout), text(child.stderr)]);
  clearTimeout(overdue);
  assert.equal(signal, null, `it did not end by itself: ${out}${err}`);
  assert.equal(`${code} ${err}`, "0 ");
  return out.trim();
}

/**
 * A program that does as it is told: it answers lines with lines.
 *
 * @param {string} source
 * @param {string[]} args
 */
export function helper(source, ...args) {
  const child = launch(source, args);
  /** @type {any[]} */
  const lines = [];
  /** Who waits for a line. @type {Set<() => void>} */
  const waiting = new Set();
  const told = () => {
    waiting.forEach((wake) => wake());
    waiting.clear();
  };
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(JSON.parse(line));
    told();
  });
  let complaint = "";
  child.stderr.on("data", (data) => (complaint += data));
  const gone = once(child, "close").then(() => told());
  return {
    child,
    lines,
    gone,
    tell: (/** @type {object} */ order) => child.stdin.write(`${JSON.stringify(order)}\n`),
    /** The first line that fits, now or later. @param {(line: any) => boolean} fits */
    async says(fits) {
      const overdue = setTimeout(told, PATIENCE);
      const end = performance.now() + PATIENCE;
      try {
        for (;;) {
          const line = lines.find(fits);
          if (line) return line;
          assert.ok(child.exitCode === null && child.signalCode === null, `it ended: ${complaint}`);
          assert.ok(performance.now() < end, `it never said so, but last: ${JSON.stringify(lines.slice(-5))}`);
          await new Promise((resolve) => waiting.add(() => resolve(undefined)));
        }
      } finally {
        clearTimeout(overdue);
      }
    },
    kill: async () => {
      child.kill("SIGKILL");
      await gone;
    },
    /** Lets it end. */
    end: async () => {
      child.stdin.end();
      await gone;
      assert.equal(complaint, "");
    },
  };
}

/** @typedef {ReturnType<typeof helper>} Helper */

/** Waits until something is so: for what no event tells of. @param {() => unknown} holds */
export async function until(holds) {
  const deadline = performance.now() + PATIENCE / 2;
  while (!(await holds())) {
    assert.ok(performance.now() < deadline, `it never came to this: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
