/** A process that uses a store as it is told: a line of JSON for each thing that it does, with the time on the machine's clock. */
import { helper } from "./scratch.mjs";

const SOURCE = `
import { writeSync } from "node:fs";
import files from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { createInterface } from "node:readline";

const { directory, lag } = JSON.parse(process.argv[2]);
for (const name of lag ? ["open", "link", "unlink"] : []) {
  const real = files[name];
  files[name] = async (...given) => {
    if (Math.random() < 0.5) await sleep(Math.random() * lag);
    return real(...given);
  };
}
syncBuiltinESMExports();
const { fileStore } = await import("propusk/node");
const store = fileStore({ directory });
const say = (what, more) => writeSync(1, JSON.stringify({ what, at: Number(process.hrtime.bigint()) / 1e6, ...more }) + "\\n");
function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

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
 * @param {{ lag?: number }} [options] lag: the system takes up to so many milliseconds before it does something, so that whatever can
 *   come between two steps does
 */
export async function holder(directory, options) {
  const process = helper(SOURCE, JSON.stringify({ directory, ...options }));
  await process.says(({ what }) => what === "ready");
  return process;
}
