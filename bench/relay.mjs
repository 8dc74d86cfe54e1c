/** Calls and downloads through the relay and through a bare proxy of node:http, in turns. */
import { NAMES, proxies } from "./proxies.mjs";
import { median, table } from "./table.mjs";

const BLOCK = 50;
const ROUNDS = 30;
const WARM = 6;
/** How many calls are under way together where it is not one. */
const TOGETHER = 16;

const { get, memory, end } = await proxies();
/** @type {Record<string, (name: string) => Promise<number>>} milliseconds */
const kinds = {
  "one call after the other": async (name) => {
    for (let n = 0; n < BLOCK; n += 1) await get(name, "goods");
    return BLOCK;
  },
  [`${TOGETHER} calls at once`]: async (name) => {
    await Promise.all(Array.from({ length: TOGETHER }, async () => {
      for (let n = 0; n < BLOCK / 5; n += 1) await get(name, "goods");
    }));
    return (TOGETHER * BLOCK) / 5;
  },
  "64 MiB": async (name) => {
    await get(name, "large");
    return 1;
  },
};
for (const [kind, run] of Object.entries(kinds)) {
  const rounds = kind === "64 MiB" ? 8 : ROUNDS;
  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(NAMES.map((name) => [name, []]));
  const before = Object.fromEntries(await Promise.all(NAMES.map(async (name) => [name, await memory(name)])));
  for (let round = -WARM; round < rounds; round += 1) {
    for (const name of round % 2 ? [...NAMES].reverse() : NAMES) {
      const begin = performance.now();
      const count = await run(name);
      if (round >= 0) times[name].push((performance.now() - begin) / count);
    }
  }
  const rows = [];
  for (const name of NAMES) {
    const ratio = median(times[name].map((time, n) => time / times[NAMES[0]][n]));
    rows.push([name, median(times[name]).toFixed(3), ratio.toFixed(2), (((await memory(name)) - before[name]) / 2 ** 20).toFixed(1)]);
  }
  table(`${kind}: ms (${rounds} rounds, in turns; medians, the ratio that of each round), and what memory has grown, MiB`, ["", "ms", "ratio", "memory"], rows);
}
await end();

