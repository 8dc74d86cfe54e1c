/** Data to stdout, texts to stderr. */
import process from "node:process";
import { BrokenPipe } from "./failure.js";

/** Characters that steer a terminal: what a service says is shown in one. */
const STEERING = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu;

export class Output {
  /** @param {{ json: boolean, quiet: boolean }} how */
  constructor({ json, quiet }) {
    this.json = json;
    this.quiet = quiet;
    this.#isBroken = false;
    // `| head` has enough: that is told by the next write.
    process.stdout.on("error", () => (this.#isBroken = true));
    process.stderr.on("error", () => {});
  }

  #isBroken;

  /** Whether somebody reads along. */
  get isWatched() {
    return !this.quiet && process.stderr.isTTY === true;
  }

  /** @param {string | Uint8Array} chunk @returns {Promise<void>} */
  data(chunk) {
    return new Promise((resolve, reject) => {
      if (this.#isBroken) return reject(new BrokenPipe());
      process.stdout.write(chunk, (error) => {
        if (!error) return resolve();
        this.#isBroken = true;
        reject(/** @type {any} */ (error).code === "EPIPE" ? new BrokenPipe() : error);
      });
    });
  }

  /** The one object of `--json`. @param {unknown} value */
  object(value) {
    return this.data(`${JSON.stringify(value)}\n`);
  }

  /** What `--quiet` leaves out. @param {string} text */
  note(text) {
    if (!this.quiet) this.say(text);
  }

  /** @param {string} text */
  say(text) {
    process.stderr.write(`${clean(text)}\n`);
  }

  /** Everything written has gone. */
  async flush() {
    await new Promise((resolve) => process.stderr.write("", resolve));
    if (!this.#isBroken) await this.data("").catch(() => {});
  }
}

/** @param {string} text */
export function clean(text) {
  return text.replace(STEERING, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
