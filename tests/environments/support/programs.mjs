/** Programs of a fixture: run to their end, or for as long as the environment is tried. */
import { spawn } from "node:child_process";
import { once } from "node:events";

/** Longer than the slowest build on a busy machine. */
const PATIENCE = 600_000;

/** @typedef {{ cwd: string, env: NodeJS.ProcessEnv }} Where */

/** @param {string} command @param {string[]} args @param {Where} where */
function started(command, args, { cwd, env }) {
  // A group of its own: what it starts ends with it.
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const gone = once(child, "exit");
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const end = (/** @type {NodeJS.Signals} */ signal) => {
    try {
      if (child.pid) process.kill(-child.pid, signal);
    } catch {
      // It is gone, and so is all that it started.
    }
  };
  const ending = () => end("SIGKILL");
  process.once("exit", ending);
  const stop = async () => {
    end("SIGTERM");
    const timer = setTimeout(() => end("SIGKILL"), 5000);
    if (child.exitCode === null && child.signalCode === null) await gone.catch(() => {});
    clearTimeout(timer);
    end("SIGKILL");
    process.off("exit", ending);
  };
  return { child, gone, output: () => output, stop };
}

/** The end of what a program said. @param {string} text */
const lastOf = (text) => text.trim().split("\n").slice(-40).join("\n");

/**
 * Runs a program to its end: what it printed.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {Where} where
 */
export async function run(command, args, where) {
  const { gone, output, stop } = started(command, args, where);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    void stop();
  }, PATIENCE);
  try {
    const [code] = await gone;
    if (code !== 0) throw new Error(`${command} ${args.join(" ")} ${late ? "did not end" : `ended with ${code}`}:\n${lastOf(output())}`);
    return output();
  } finally {
    clearTimeout(timer);
    await stop();
  }
}

/**
 * Starts a program and waits until a line of its output has what is looked for.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {Where} where
 * @param {RegExp} sign whose first group is given back
 */
export async function serve(command, args, where, sign) {
  const { child, gone, output, stop } = started(command, args, where);
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  try {
    const found = await Promise.race([
      new Promise((resolve) => {
        const look = () => {
          const match = sign.exec(output());
          if (match) resolve(match[1]);
        };
        for (const stream of [child.stdout, child.stderr]) stream.on("data", look);
      }),
      gone.then(([code]) => Promise.reject(new Error(`${command} ${args.join(" ")} ended with ${code}:\n${lastOf(output())}`))),
      new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`${command} ${args.join(" ")} did not start:\n${lastOf(output())}`)), PATIENCE);
      }),
    ]);
    return { found: /** @type {string} */ (found), output, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
