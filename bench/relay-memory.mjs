/** What the relay has in memory after each 20,000 of 100,000 calls, each of them with a token of its own. */
import { NAMES, proxies } from "./proxies.mjs";
import { table } from "./table.mjs";

const CALLS = 100_000;
const STEP = 20_000;
const TOGETHER = 16;

const { get, memory, end } = await proxies();
const MIB = 2 ** 20;
const chosen = [NAMES[0], "propusk/relay"];
/** @type {Record<string, number[]>} */
const taken = Object.fromEntries(chosen.map((name) => [name, []]));
for (const name of chosen) {
  for (let sent = 0; sent <= CALLS; sent += STEP) {
    // The first ones fill what stays: connections, compiled code, decisions.
    const count = sent === 0 ? STEP / 10 : STEP;
    let next = 0;
    await Promise.all(Array.from({ length: TOGETHER }, async () => {
      while (next < count) {
        next += 1;
        await get(name, `goods/${(sent + next) % 1000}`, `${sent + next}`.padStart(800, "t"));
      }
    }));
    taken[name].push((await memory(name)) / MIB);
  }
}
await end();
table(
  "Memory in use after so many calls, each with another token, at 1,000 paths: MiB",
  ["", "warm", ...Array.from({ length: CALLS / STEP }, (_, n) => `${((n + 1) * STEP).toLocaleString("en")}`)],
  chosen.map((name) => [name, ...taken[name].map((size) => size.toFixed(1))]),
);
