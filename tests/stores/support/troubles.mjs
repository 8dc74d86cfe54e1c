/** What goes wrong in a swarm beside the kills. */
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

/** @typedef {import("./swarm.mjs").Trouble} Trouble */

const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {number} pid @param {NodeJS.Signals} signal */
function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It was killed meanwhile.
  }
}

/** @type {Trouble} */
export const exhausted = {
  name: "descriptors are exhausted for a second",
  async act({ pids, chance }) {
    const pid = pids[Math.floor(chance() * pids.length)];
    send(pid, "SIGUSR2");
    await pause(1_000);
    return [pid];
  },
};

/** @type {Trouble} */
export const stopped = {
  name: "the holder of the lock is stopped for ten seconds",
  async act({ pids, holder, chance }) {
    const pid = holder ?? pids[Math.floor(chance() * pids.length)];
    send(pid, "SIGSTOP");
    await pause(10_000);
    send(pid, "SIGCONT");
    return [pid];
  },
};

/** @param {string} folder on a small disk @returns {Trouble} */
export const full = (folder) => ({
  name: "the disk is full for two seconds",
  async act() {
    const path = join(folder, "filling");
    const file = openSync(path, "a");
    for (const size of [4096, 1]) {
      try {
        for (;;) writeSync(file, Buffer.alloc(size));
      } catch {
        // No room, as it should be.
      }
    }
    closeSync(file);
    await pause(2_000);
    rmSync(path);
    return null;
  },
});

/** @param {import("./redis.mjs").Server[]} servers @returns {Trouble} */
export const asleep = (servers) => ({
  name: "Redis is asleep for five seconds",
  async act({ chance }) {
    await servers[Math.floor(chance() * servers.length)].command("DEBUG", "SLEEP", "5");
    return null;
  },
});

/** @type {Trouble} */
export const signedOut = {
  name: "somebody signs out",
  async act({ living, chance, tell, said }) {
    // Whoever is asked may be killed before it has done so.
    for (let pids = living(); pids.length > 0; pids = living()) {
      const pid = pids[Math.floor(chance() * pids.length)];
      tell(pid, "sign out");
      if (await said(pid, "signed out")) break;
    }
    return [];
  },
};
