/** A Redis of one test file: a real server on loopback, with what it holds in a folder of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { Redis } from "ioredis";

/** @typedef {Awaited<ReturnType<typeof serve>>} Server */

/**
 * Starts a server that ends with the tests of the file.
 *
 * @param {...string} settings as words of its command line
 */
export async function serve(...settings) {
  const binary = process.env.REDIS_SERVER;
  if (!binary) throw new Error("REDIS_SERVER names no server: run these tests with `cargo xtask test stores`");
  const folder = mkdtempSync(join(tmpdir(), "propusk-redis-"));
  const port = await freePort();
  /** @type {import("node:child_process").ChildProcess | null} */
  let child = null;
  /** @type {Redis | null} */
  let hand = null;
  // Also when the file ends by an error of its own.
  const clean = () => {
    child?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  process.on("exit", clean);

  const server = {
    host: "127.0.0.1",
    port,
    url: `redis://127.0.0.1:${port}`,
    async start() {
      const words = ["--bind", "127.0.0.1", "--port", String(port), "--dir", folder, "--appendonly", "yes", "--appendfsync", "always", "--save", "", ...settings];
      const started = (child = spawn(/** @type {string} */ (binary), words, { stdio: ["ignore", "pipe", "inherit"] }));
      const gone = once(started, "exit").then(([code]) => Promise.reject(new Error(`redis-server ended with ${code}`)));
      const ready = new Promise((resolve) => {
        createInterface({ input: started.stdout }).on("line", (line) => line.includes("Ready to accept connections") && resolve(undefined));
      });
      await Promise.race([ready, gone]);
      gone.catch(() => {});
    },
    /** @param {NodeJS.Signals} [signal] SIGKILL: what a crash does */
    async stop(signal = "SIGTERM") {
      hand?.disconnect();
      hand = null;
      const stopped = child;
      child = null;
      if (!stopped) return;
      const gone = once(stopped, "exit");
      stopped.kill(signal);
      await gone;
    },
    /** While it is away all that it holds ends, as what has a time to live does when that is over. */
    forget: () => rmSync(join(folder, "appendonlydir"), { recursive: true }),
    /** It hangs: connections stay, and nothing is answered. */
    hang: () => void child?.kill("SIGSTOP"),
    goOn: () => void child?.kill("SIGCONT"),
    /** A command by another hand than the store's. @param {string} name @param {...string} words @returns {Promise<any>} */
    async command(name, ...words) {
      if (!hand) {
        hand = new Redis(port, "127.0.0.1", { protocol: 2 });
        hand.on("error", () => {});
      }
      return hand.call(name, ...words);
    },
  };
  await server.start();
  after(async () => {
    server.goOn();
    await server.stop("SIGKILL");
    clean();
    process.off("exit", clean);
  });
  return server;
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}
