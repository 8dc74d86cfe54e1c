/** WebKitWebDriver and the browser that it starts, by the classic WebDriver protocol. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { given } from "../given.mjs";

const DEADLINE = 60_000;

/** A display that nobody looks at. */
export async function display() {
  const server = spawn(given("XVFB"), ["-displayfd", "3", "-screen", "0", "1280x800x24", "-nolisten", "tcp"], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const gone = once(server, "exit");
  const [number] = await Promise.race([
    once(/** @type {import("node:stream").Readable} */ (server.stdio[3]), "data"),
    gone.then(([code]) => Promise.reject(new Error(`Xvfb ended with ${code}`))),
  ]);
  return { name: `:${String(number).trim()}`, stop: () => end(server, gone) };
}

/**
 * A browser of its own, with nothing in it; what it is asked for goes through the proxy.
 *
 * @param {string} on the display
 * @param {string} through the proxy's address
 */
export async function session(on, through) {
  const port = await freePort();
  const program = given("WEBKIT_DRIVER");
  const child = spawn(program, [`--port=${port}`, "--host=127.0.0.1"], {
    stdio: ["ignore", "ignore", "ignore"],
    env: { ...process.env, DISPLAY: on, GDK_BACKEND: "x11", NO_AT_BRIDGE: "1", LANG: "C.UTF-8" },
  });
  const gone = once(child, "exit");
  const lost = gone.then(([code]) => Promise.reject(new Error(`${program} ended with ${code}`)));
  lost.catch(() => {});

  /** @param {string} method @param {string} path @param {object} [body] */
  async function command(method, path, body) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, ...(body && { body: JSON.stringify(body) }) });
    const { value } = /** @type {any} */ (await response.json());
    if (!response.ok) throw Object.assign(new Error(`${method} ${path}: ${value.error}: ${value.message}`), { reason: value.error });
    return value;
  }
  await Promise.race([lost, listening(() => command("GET", "/status"))]);
  const wanted = {
    proxy: { proxyType: "manual", httpProxy: through },
    "webkitgtk:browserOptions": { binary: given("MINI_BROWSER"), args: ["--automation", "--javascript-can-open-windows-automatically=true"] },
  };
  const { sessionId, capabilities } = await Promise.race([lost, command("POST", "/session", { capabilities: { alwaysMatch: wanted } })]);
  const own = `/session/${sessionId}`;
  await command("POST", `${own}/timeouts`, { script: DEADLINE, pageLoad: DEADLINE });
  return {
    version: String(capabilities.browserVersion),
    /** @param {string} path @param {object} [body] */
    post: (path, body = {}) => command("POST", own + path, body),
    /** @param {string} path */
    get: (path) => command("GET", own + path),
    /** @param {string} path */
    remove: (path) => command("DELETE", own + path),
    async stop() {
      await command("DELETE", own).catch(() => {});
      await end(child, gone);
    },
  };
}

/** @typedef {Awaited<ReturnType<typeof session>>} Session */

/** @param {() => Promise<unknown>} ask */
async function listening(ask) {
  for (const end = Date.now() + DEADLINE; ; await wait(20)) {
    const error = await ask().then(() => null, (error) => error);
    if (!error) return;
    if (Date.now() > end) throw error;
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}

/** @param {import("node:child_process").ChildProcess} child @param {Promise<unknown>} gone */
async function end(child, gone) {
  child.kill();
  await gone;
}
