/** Telling that a file was changed, made or removed, by whomever. */
import { unwatchFile, watch as watchFolder, watchFile } from "node:fs";
import { basename, join } from "node:path";

/** @typedef {import("node:fs").Stats} Stats */

/** A change comes as several events, milliseconds. */
const TOGETHER = 20;

/** Between two looks where the system tells of nothing, milliseconds. */
const LOOK = 500;

/**
 * Watches the folder, for a file that is replaced is another file afterwards. Keeps no process alive.
 *
 * @param {string} directory
 * @param {string} name
 * @param {() => void} listener
 * @returns {() => void} stops it
 */
export function watch(directory, name, listener) {
  const path = join(directory, name);
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  let isOn = true;
  const tell = () => {
    timer = undefined;
    if (isOn) listener();
  };
  const changed = () => {
    timer ??= setTimeout(tell, TOGETHER).unref();
  };
  let stop = () => {};
  const look = () => {
    stop();
    if (!isOn) return;
    // Called as well when there is no file at first.
    const compare = (/** @type {Stats} */ now, /** @type {Stats} */ before) => {
      if (now.ino !== before.ino || now.mtimeMs !== before.mtimeMs) changed();
    };
    watchFile(path, { persistent: false, interval: LOOK }, compare);
    stop = () => unwatchFile(path, compare);
  };
  try {
    const watcher = watchFolder(directory, { persistent: false }, (event, file) => {
      if (file === null || file === name) changed();
      // The folder itself was removed: another may take its place, of which this watcher will not hear.
      if (event === "rename" && file === basename(directory)) {
        look();
        changed();
      }
    });
    stop = () => watcher.close();
    watcher.on("error", look);
  } catch {
    look();
  }
  return () => {
    isOn = false;
    clearTimeout(timer);
    stop();
  };
}
