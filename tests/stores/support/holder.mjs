/** A process that uses a store as it is told: a line of JSON for each thing that it does, with the time on the machine's clock. */
import { helper } from "./scratch.mjs";

const SOURCE = `
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileStore } from "propusk/node";

const [directory, lockTimeout] = process.argv.slice(2);
const store = fileStore({ directory, ...(lockTimeout && { lockTimeout: Number(lockTimeout) }) });
const say = (what, more) => writeSync(1, JSON.stringify({ what, at: Number(process.hrtime.bigint()) / 1e6, ...more }) + "\\n");
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Adds one to the number that the store holds, slowly. */
async function count(key, pause) {
  const before = Number(await store.get(key));
  say("in", { key, before });
  await sleep(pause());
  await store.set(key, String(before + 1));
  say("out", { key, after: before + 1 });
}

const does = {
  set: async ({ key, value }) => store.set(key, value),
  delete: async ({ key }) => store.delete(key),
  /** Takes the lock and keeps it. */
  hold: async ({ key }) => store.withLock(key, () => (say("in", { key }), new Promise((resolve) => (does.release = resolve)))),
  count: async ({ key, pause }) => store.withLock(key, () => count(key, () => pause)),
  /** Counts for as long as it lives. */
  storm: async ({ key, most }) => {
    for (;;) await store.withLock(key, () => count(key, () => Math.random() * most));
  },
};
createInterface({ input: process.stdin }).on("line", async (line) => {
  const order = JSON.parse(line);
  try {
    await does[order.does](order);
    say("done", { order: order.does, key: order.key });
  } catch (error) {
    say("failed", { order: order.does, key: order.key, code: error.code, message: error.message });
  }
});
say("ready");
`;

/**
 * @param {string} directory
 * @param {number} [lockTimeout]
 */
export async function holder(directory, lockTimeout) {
  const process = helper(SOURCE, directory, ...(lockTimeout === undefined ? [] : [String(lockTimeout)]));
  await process.says(({ what }) => what === "ready");
  return process;
}
