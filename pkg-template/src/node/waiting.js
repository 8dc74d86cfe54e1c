import { watch } from "node:fs";

/** Pauses between looks, milliseconds: a holder that is killed changes no file. */
const SHORTEST = 20;
const LONGEST = 250;

/** Waits in a folder for changes of some files, and a little while for those that nobody tells of. */
export class Waiting {
  /** @type {import("node:fs").FSWatcher | null | undefined} */
  #watcher;
  #directory;
  #concerns;
  #hasChanged = false;
  #wake = () => {};
  #length = SHORTEST;

  /**
   * @param {string} directory
   * @param {(name: string) => boolean} concerns
   */
  constructor(directory, concerns) {
    this.#directory = directory;
    this.#concerns = concerns;
  }

  /**
   * Until something changes, until it is time to look again, but not longer than `most`. Rejects with the signal's reason.
   * The first pause starts to watch, so a change just before it may be missed: it is the shortest.
   *
   * @param {number} most
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<void>}
   */
  pause(most, signal) {
    this.#watch();
    const length = Math.min(most, this.#length * (0.5 + Math.random() / 2));
    this.#length = Math.min(LONGEST, this.#length * 1.5);
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        this.#wake = () => {};
        this.#hasChanged = false;
      };
      const abort = () => {
        end();
        reject(signal?.reason);
      };
      const wake = () => {
        end();
        resolve();
      };
      const timer = setTimeout(wake, length);
      signal?.addEventListener("abort", abort);
      this.#wake = wake;
      if (signal?.aborted) abort();
      else if (this.#hasChanged) wake();
    });
  }

  stop() {
    this.#watcher?.close();
  }

  #watch() {
    if (this.#watcher !== undefined) return;
    try {
      this.#watcher = watch(this.#directory, { persistent: false }, (_, name) => {
        if (name !== null && !this.#concerns(name)) return;
        this.#hasChanged = true;
        this.#wake();
      });
      // The pauses alone will do.
      this.#watcher.on("error", () => {});
    } catch {
      this.#watcher = null;
    }
  }
}
