/** The command as a user has it: of the installed package, with a home of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { project } from "../../support/package.mjs";

/** @typedef {{ status: number | null, stdout: string, stderr: string }} Ended */
/** @typedef {{ input?: string, env?: Record<string, string | undefined>, cwd?: string, cli?: string }} How */

/** What nobody waits for longer. */
const PATIENCE = 60_000;

export const CLI = join(project(), "node_modules/propusk/dist/cli.js");

/** @type {string[]} */
const homes = [];
process.on("exit", () => homes.forEach((home) => rmSync(home, { recursive: true, force: true })));

/** A user: what they run, and where their sessions lie. */
export function user() {
  const home = mkdtempSync(join(tmpdir(), "propusk-cli-"));
  homes.push(home);
  const state = join(home, "state");
  /** Nothing of whoever runs the tests, and no browser. */
  const env = { PATH: process.env.PATH, HOME: home, XDG_STATE_HOME: state, LANG: "C", BROWSER: "none", NODE_OPTIONS: "" };

  /** @param {string[]} args @param {How} [how] */
  function start(args, { env: more = {}, cwd = home, cli = CLI } = {}) {
    const child = spawn(process.execPath, [cli, ...args], { cwd, env: { ...env, ...more } });
    return watched(child);
  }

  return {
    home,
    env,
    sessions: join(state, "propusk"),
    start,
    /** @param {string[]} args @param {How} [how] @returns {Promise<Ended>} */
    run(args, how = {}) {
      const running = start(args, how);
      running.child.stdin.on("error", () => {});
      running.child.stdin.end(how.input ?? "");
      return running.ended;
    },
    /** The one object of `--json`. @param {string[]} args @param {How} [how] */
    async json(args, how = {}) {
      const ended = await this.run([...args, "--json"], how);
      if (ended.stdout.split("\n").length !== 2) throw new Error(`not one line: ${JSON.stringify(ended)}`);
      return { ...ended, value: JSON.parse(ended.stdout) };
    },
    /** A line of bash. @param {string} line @returns {Promise<Ended>} */
    bash(line) {
      const running = watched(spawn("bash", ["-c", line], { cwd: home, env: { ...env, NODE: process.execPath, CLI } }));
      running.child.stdin.end();
      return running.ended;
    },
    /** The same at a terminal: what is read is all that a user would see. @param {string[]} args @param {How & { then?: string }} [how] then: what runs there afterwards */
    terminal(args, { env: more = {}, then = "" } = {}) {
      const words = [process.execPath, CLI, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
      // Of util-linux: it has a terminal made, and ends as what it runs.
      const child = spawn("script", ["--quiet", "--return", "--flush", "--command", then ? `${words.join(" ")}; status=$?; ${then}; exit $status` : `exec ${words.join(" ")}`, "/dev/null"], {
        cwd: home,
        env: { ...env, SHELL: "/bin/sh", TERM: "xterm", ...more },
      });
      return watched(child);
    },
  };
}

/** @param {import("node:child_process").ChildProcessWithoutNullStreams} child */
function watched(child) {
  const texts = { stdout: "", stderr: "" };
  for (const name of /** @type {const} */ (["stdout", "stderr"])) {
    child[name].setEncoding("utf8").on("data", (text) => {
      texts[name] += text;
      child.emit("text");
    });
  }
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
  /** @type {Promise<Ended>} */
  const ended = once(child, "close").then(([status]) => {
    clearTimeout(timer);
    child.emit("text");
    return { status, ...texts };
  });
  return {
    child,
    ended,
    texts,
    /** Waits until something stands in what was printed; gives what the expression found. @param {RegExp} expected @param {"stdout" | "stderr"} [where] */
    async until(expected, where = "stdout") {
      for (;;) {
        const found = expected.exec(texts[where]);
        if (found) return found;
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended without ${expected}: ${JSON.stringify(texts)}`);
        await once(child, "text");
      }
    },
    /** @param {string} text */
    type: (text) => void child.stdin.write(text),
  };
}
