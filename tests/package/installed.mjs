/** Other people's tools and frameworks with the packed package beside them, as their lock file says. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { TARBALL } from "./consumer.mjs";

const run = promisify(execFile);

/**
 * Installs what a folder of `fixtures` locks, and the package, somewhere away from this repository; gone when the process ends.
 *
 * @param {string} name of the folder
 */
export async function installed(name) {
  const folder = mkdtempSync(join(tmpdir(), `propusk-${name}-`));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  cpSync(fileURLToPath(new URL(`fixtures/${name}`, import.meta.url)), folder, { recursive: true });
  // None of them needs its install script, and what npm has at hand it need not ask for.
  await run("npm", ["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"], { cwd: folder });
  const modules = join(folder, "node_modules/propusk");
  mkdirSync(modules);
  await run("tar", ["-xzf", TARBALL, "-C", modules, "--strip-components=1"]);

  return {
    folder,
    /**
     * Runs Node in the folder: what it printed, and whether it ended well.
     *
     * @param {string[]} args
     * @param {Record<string, string>} [env]
     */
    async node(args, env = {}) {
      // Whoever started us may be a test runner, and tells its own children so.
      const own = { NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: undefined, NO_COLOR: "1", FORCE_COLOR: undefined, CI: "1" };
      const options = { cwd: folder, env: { ...process.env, ...own, ...env }, timeout: 120_000, maxBuffer: 2 ** 26 };
      return run(process.execPath, args, options).then(
        ({ stdout, stderr }) => ({ ok: true, output: stdout + stderr }),
        (error) => ({ ok: false, output: `${error.stdout}${error.stderr}${error.killed ? "\nit did not end by itself" : ""}` }),
      );
    },
  };
}
