/** What `propusk token` takes with a token at hand, against a Node that does nothing: fresh processes, in turns. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { project } from "../tests/support/package.mjs";
import { ACCOUNTS, start } from "../tests/support/sandbox.mjs";
import { median, table } from "./table.mjs";

const KASSA = "bifit-kassa";
const ROUNDS = 25;
const CLI = join(project(), "node_modules/propusk/dist/cli.js");

const home = mkdtempSync(join(tmpdir(), "propusk-bench-"));
const env = { PATH: process.env.PATH, HOME: home, XDG_STATE_HOME: home, LANG: "C" };
const box = await start("--keep-alive");

/** @param {string[]} args @param {string} [input] @returns {number} milliseconds */
function run(args, input = "") {
  const begin = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { env, input, encoding: "utf8" });
  const time = performance.now() - begin;
  if (status !== 0) throw new Error(`${args.join(" ")}: ${stderr}`);
  return time;
}

run([CLI, "login", KASSA, "--stdin", "--base-url", box.services[KASSA].baseUrl], JSON.stringify(ACCOUNTS[KASSA]));
/** @type {Record<string, string[]>} */
const WAYS = { "node -e 0": ["-e", "0"], "propusk --version": [CLI, "--version"], "propusk token": [CLI, "token", KASSA], "propusk token --header": [CLI, "token", KASSA, "--header"] };
const names = Object.keys(WAYS);
/** @type {Record<string, number[]>} */
const times = Object.fromEntries(names.map((name) => [name, []]));
for (let round = -1; round < ROUNDS; round += 1) {
  for (const name of round % 2 ? [...names].reverse() : names) {
    const time = run(WAYS[name]);
    if (round >= 0) times[name].push(time);
  }
}
await box.stop();
rmSync(home, { recursive: true });
const bare = median(times["node -e 0"]);
table(
  `A token at hand from the command line (${ROUNDS} rounds in turns, medians)`,
  ["", "ms", "over node -e 0, ms", "ratio"],
  names.map((name) => {
    const own = median(times[name]);
    return [name, own.toFixed(1), (own - bare).toFixed(1), (own / bare).toFixed(2)];
  }),
);
