/**
 * Loaded before a program (`--import`): counts what it asks of the disk in the store's folder, and lets the step that the environment names be its last, or
 * fail. So each step of a write is tried, whatever the steps are.
 *
 * - `STEP`: the number of the step, from 1
 * - `FATE`: `die` after it was done, or the code of an error
 * - `STEPS`: how many steps fail from that one on
 * - `DONE`: the error comes though the step was done, as from a network that lost the answer
 * - `BOOT`: another time between two starts of the machine
 */
import fs from "node:fs";
import files from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

const { STEP = "0", FATE = "", STEPS = "1", DONE = "", BOOT = "" } = process.env;
const many = Number(STEPS);
/** Only what is done while `counting` is set is counted. @type {{ counting?: boolean, steps: number, first: number }} */
const here = Object.assign(/** @type {any} */ (globalThis), { steps: 0, first: Number(STEP) });

const SYNC = ["renameSync", "unlinkSync"];
const ASYNC = ["open", "link", "lstat", "unlink", "rename", "readdir"];
const HANDLE = ["stat", "writeFile", "write", "readFile", "sync", "close", "utimes"];

/** Whether the step is to fail. */
function isDue() {
  if (!here.counting) return false;
  here.steps += 1;
  return here.steps >= here.first && here.steps < here.first + many;
}

const end = () => process.kill(process.pid, "SIGKILL");
const error = (/** @type {string} */ name) => Object.assign(new Error(`${FATE}: made to fail, ${name}`), { code: FATE, syscall: name });

/** @param {any} owner @param {string} name */
function spoil(owner, name) {
  const real = owner[name];
  const isSync = name.endsWith("Sync");
  owner[name] = function (/** @type {unknown[]} */ ...given) {
    if (!isDue()) return real.apply(this, given);
    if (FATE === "die" || DONE) {
      const fate = (/** @type {unknown} */ failed) => {
        if (FATE === "die") end();
        throw failed ?? error(name);
      };
      if (isSync) return real.apply(this, given), fate(undefined);
      return real.apply(this, given).then(() => fate(undefined), fate);
    }
    if (isSync) throw error(name);
    // A handle that fails to be closed is closed all the same.
    return (name === "close" ? real.apply(this, given) : Promise.resolve()).then(() => Promise.reject(error(name)));
  };
}

const handle = await files.open(process.execPath);
const prototype = Object.getPrototypeOf(handle);
await handle.close();
for (const name of SYNC) spoil(fs, name);
for (const name of ASYNC) spoil(files, name);
for (const name of HANDLE) spoil(prototype, name);
if (BOOT) {
  const { readFileSync } = fs;
  fs.readFileSync = /** @type {any} */ ((/** @type {string} */ path, /** @type {any} */ how) => (path === "/proc/sys/kernel/random/boot_id" ? BOOT : readFileSync(path, how)));
}
syncBuiltinESMExports();
