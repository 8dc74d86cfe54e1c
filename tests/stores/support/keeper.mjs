/** A process that uses a store in Redis as it is told: a line of JSON for each thing that it does, with the time on the machine's clock. */
import { helper } from "./scratch.mjs";

const REST = `
const { redisStore } = await import("propusk/redis");
const { writeSync } = await import("node:fs");
const { createInterface } = await import("node:readline");

const store = redisStore(redis, JSON.parse(process.argv[2]));
const say = (what, more) => writeSync(1, JSON.stringify({ what, at: Number(process.hrtime.bigint()) / 1e6, ...more }) + "\\n");
const does = {
  get: async ({ key }) => store.get(key),
  set: async ({ key, value }) => store.set(key, value),
  delete: async ({ key }) => store.delete(key),
  /** Takes the lock and keeps it. */
  hold: async ({ key }) => store.withLock(key, () => (say("in", { key }), new Promise(() => {}))),
  watch: async ({ key }) => void store.watch(key, () => store.get(key).then((value) => say("told", { key, value }), () => say("told", { key }))),
};
const input = createInterface({ input: process.stdin }).on("line", async (line) => {
  const order = JSON.parse(line);
  try {
    say("done", { ...order, value: await does[order.does](order) });
  } catch (error) {
    say("failed", { ...order, code: error.code, message: error.message });
  }
});
input.on("close", quit);
say("ready");
`;

/**
 * @param {import("./clients.mjs").Kind} kind
 * @param {import("./redis.mjs").Server} server
 * @param {object} [options] of the store
 */
export async function holder(kind, server, options = {}) {
  const process = helper(kind.source(server.url) + REST, JSON.stringify(options));
  await process.says(({ what }) => what === "ready");
  return process;
}
