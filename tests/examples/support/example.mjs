/** An example as a user has it: a copy away from this repository, installed and started by npm. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Where they all are. */
export const EXAMPLES = fileURLToPath(new URL("../../../examples", import.meta.url));

/** Whoever started us may be a test runner or npm, and tells its own children so; and what they sign in to is for each test to say. */
const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_TEST_CONTEXT$|NODE_OPTIONS$|INIT_CWD$|KASSA_)/.test(name)));

/** Takes `cargo run --package sandbox -- ...` in the repository, and no other call. */
const CARGO = `#!/bin/sh
[ "$1 $2 $3 $4" = "run --package sandbox --" ] && [ -f sandbox/Cargo.toml ] || exit 101
shift 4
echo $$ >> "$PIDS"
exec "$PROPUSK_SANDBOX_BIN" "$@"
`;

/** @param {string} name of the folder */
export async function example(name) {
  const tarball = process.env.PROPUSK_TARBALL;
  if (!tarball) throw new Error("PROPUSK_TARBALL names no tarball: run these tests with `cargo xtask test examples`");
  const place = mkdtempSync(join(tmpdir(), `propusk-${name}-`));
  process.on("exit", () => rmSync(place, { recursive: true, force: true }));
  const folder = join(place, name);
  cpSync(join(EXAMPLES, name), folder, { recursive: true, filter: (path) => !["node_modules", "dist", ".next", "sessions"].includes(basename(path)) });
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  manifest.dependencies.propusk = `file:${tarball}`;
  if (manifest.devDependencies?.["propusk-sandbox"]) manifest.devDependencies["propusk-sandbox"] = `file:${process.env.PROPUSK_SANDBOX_TARBALL}`;
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  // By way of a link it finds the repository that it belongs to.
  symlinkSync(join(EXAMPLES, "sandbox.mjs"), join(place, "sandbox.mjs"));
  const quiet = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--no-package-lock"];
  await promisify(execFile)("npm", ["install", ...quiet], { cwd: folder, env: own });

  /** @param {Record<string, string>} env */
  const npmStart = (env) => {
    const child = spawn("npm", ["--silent", "start"], { cwd: folder, env: { ...own, NO_COLOR: "1", CI: "1", ...env }, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const gone = once(child, "exit");
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
    after(async () => {
      // npm and what it started are a group.
      if (child.exitCode === null && child.signalCode === null && child.pid) process.kill(-child.pid, "SIGTERM");
      await gone;
    });
    return { child, gone, output: () => output };
  };

  return {
    folder,
    /** For `run` and `serve`: what `cargo run` starts is the sandbox of these tests, without a build. It writes its process id into `pids`. */
    cargo() {
      const bin = join(place, "bin");
      const pids = join(place, "pids");
      mkdirSync(bin);
      writeFileSync(join(bin, "cargo"), CARGO, { mode: 0o755 });
      return { pids, env: { PIDS: pids, PATH: `${bin}${delimiter}${own.PATH}` } };
    },
    /** Until it ends: what it printed, and its status. @param {Record<string, string>} env */
    async run(env) {
      const { gone, output } = npmStart(env);
      const [code] = await gone;
      return { code, output: output() };
    },
    /** Until it says where it listens. @param {Record<string, string>} env @returns {Promise<string>} */
    async serve(env) {
      const { child, gone, output } = npmStart(env);
      const said = new Promise((resolve) => {
        createInterface({ input: child.stdout }).on("line", (line) => {
          const [address] = /http:\/\/(localhost|127\.0\.0\.1):\d+\//.exec(line) ?? [];
          if (address) resolve(address);
        });
      });
      return Promise.race([said, gone.then(([code]) => Promise.reject(new Error(`npm start ended with ${code}:\n${output()}`)))]);
    },
  };
}
