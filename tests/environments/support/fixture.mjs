/** A fixture away from this repository: what its lock file names, the packed package, and what all of them share. */
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ENVIRONMENTS = fileURLToPath(new URL("..", import.meta.url));
const TESTS = dirname(ENVIRONMENTS.replace(/\/$/, ""));
const CACHE = join(TESTS, "..", "target", "environments");

/** Tools that were installed and what they leave among them. */
const LEFT = [".vite", ".cache", ".vitest", ".astro"];

/** Whoever started us may be a test runner or npm, and tells its own children so. */
const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_TEST_CONTEXT$|NODE_OPTIONS$|INIT_CWD$|FORCE_COLOR$)/.test(name)));

/** What tools must not do: ask, colour, report to anybody. */
const QUIET = { NO_COLOR: "1", CI: "1", NEXT_TELEMETRY_DISABLED: "1", NUXT_TELEMETRY_DISABLED: "1", ASTRO_TELEMETRY_DISABLED: "1", NG_CLI_ANALYTICS: "false", WRANGLER_SEND_METRICS: "false", DENO_NO_UPDATE_CHECK: "1", DO_NOT_TRACK: "1", RSPACK_PROFILE: undefined };

/** @param {string} name of a folder of fixtures @returns {string} where it is built and run */
export const placeOf = (name) => join(CACHE, name);

/** Installs what the lock file of a fixture names, if that is not what is installed. @param {string} name */
export async function install(name) {
  const [source, place] = [join(ENVIRONMENTS, name), placeOf(name)];
  const lock = join(source, "package-lock.json");
  mkdirSync(place, { recursive: true });
  // Tools that look for it upwards find this one, and not the repository's.
  writeFileSync(join(CACHE, "tsconfig.json"), '{ "files": [] }\n');
  for (const entry of readdirSync(place)) {
    if (entry !== "node_modules") rmSync(join(place, entry), { recursive: true, force: true });
  }
  cpSync(source, place, { recursive: true });
  const modules = join(place, "node_modules");
  const stamp = join(modules, ".installed-lock.json");
  if (existsSync(lock)) {
    const wanted = readFileSync(lock, "utf8");
    if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
      // None of them needs its install script, and what npm has at hand it need not ask for.
      await promisify(execFile)("npm", ["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"], { cwd: place, env: own, maxBuffer: 2 ** 26 });
      writeFileSync(stamp, wanted);
    }
  }
  for (const left of LEFT) rmSync(join(modules, left), { recursive: true, force: true });
  const { PROPUSK_TARBALL: tarball } = process.env;
  if (!tarball) throw new Error("PROPUSK_TARBALL names no tarball: run this with `cargo xtask test environments`");
  const propusk = join(modules, "propusk");
  rmSync(propusk, { recursive: true, force: true });
  mkdirSync(propusk, { recursive: true });
  await promisify(execFile)("tar", ["-xzf", tarball, "-C", propusk, "--strip-components=1"]);
  return place;
}

/** Puts the driver and the cases into a folder of the fixture, for its scripts to import. @param {string} folder */
export function share(folder) {
  mkdirSync(folder, { recursive: true });
  for (const name of ["drive.mjs", "drive.d.mts"]) cpSync(join(ENVIRONMENTS, "support", name), join(folder, name));
  // For what knows CommonJS alone.
  const text = readFileSync(join(ENVIRONMENTS, "support/drive.mjs"), "utf8").replace(/^export /gm, "");
  writeFileSync(join(folder, "drive.cjs"), `${text}\nmodule.exports = { drive, outcome };\n`);
  cpSync(join(TESTS, "behaviour"), join(folder, "behaviour"), { recursive: true, filter: (path) => !/(\.test\.mjs|\.html|support)$/.test(path) });
}

/** The version of a package that a fixture has installed. @param {string} name @param {string} dependency */
export const versionOf = (name, dependency) => JSON.parse(readFileSync(join(placeOf(name), "node_modules", dependency, "package.json"), "utf8")).version;

/** Node in a version that a fixture brings. @param {number} major */
export function nodeOf(major) {
  const binary = join(placeOf(`node-${major}`), `node_modules/node-${process.platform}-${process.arch}/bin/node`);
  return existsSync(binary) ? binary : null;
}

/** The environment of a program: with a Node of one's own first in the path. @param {string} place @param {string | null} node @param {Record<string, string>} [more] */
export function environmentOf(place, node, more = {}) {
  const path = [join(place, "node_modules/.bin"), ...(node ? [dirname(node)] : []), own.PATH];
  return { ...own, ...QUIET, PATH: path.join(delimiter), ...more };
}
