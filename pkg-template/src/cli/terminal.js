/**
 * Asks at the terminal. From the first question to the last the terminal echoes nothing of its own: what is typed ahead may be a
 * password. What may be seen is written back here.
 */
import process from "node:process";
import { StringDecoder } from "node:string_decoder";
import { UsageFault } from "./failure.js";

const CTRL_C = "\x03";
const CTRL_D = "\x04";
const CTRL_U = "\x15";
const ERASE = ["\x7f", "\b"];
const ENTER = ["\r", "\n"];
const ESCAPE = "\x1b";
const CHARACTER = /^(?:\r\n|.)/su;
/** What follows an escape when a key such as an arrow is pressed. */
const SEQUENCE = /^(?:\[[0-?]*[ -/]*[@-~]|O.|[^[O])/su;

/** How often nothing may be answered. */
const TRIES = 3;

/** Whether there is somebody to ask. */
export function isThere() {
  return process.stdin.isTTY === true;
}

export class Terminal {
  #decoder = new StringDecoder("utf8");
  /** What was typed and is not read yet. */
  #typed = "";
  #hasEnded = false;
  #wake = () => {};
  #restore;
  #interrupt;
  #texts;
  #onData = (/** @type {Buffer} */ bytes) => this.#take(this.#decoder.write(bytes));
  #onEnd = () => {
    this.#hasEnded = true;
    this.#wake();
  };

  /** @param {import("./interrupt.js").Interrupt} interrupt @param {import("./texts.js").Texts} texts */
  constructor(interrupt, texts) {
    this.#interrupt = interrupt;
    this.#texts = texts;
    const { stdin } = process;
    stdin.setRawMode(true);
    this.#restore = interrupt.atEnd(() => stdin.setRawMode(false));
    stdin.on("data", this.#onData).on("end", this.#onEnd).on("error", this.#onEnd);
    stdin.resume();
  }

  /**
   * One line, without its end.
   *
   * @param {string} question
   * @param {boolean} isSecret
   * @returns {Promise<string>}
   */
  async ask(question, isSecret) {
    for (let n = 0; n < TRIES; n += 1) {
      process.stderr.write(`${question}: `);
      const answer = await this.#interrupt.race(this.#line(isSecret)).finally(() => process.stderr.write("\n"));
      if (answer) return answer;
    }
    throw new UsageFault(this.#texts.login.noAnswer(question));
  }

  close() {
    const { stdin } = process;
    stdin.off("data", this.#onData).off("end", this.#onEnd).off("error", this.#onEnd);
    stdin.pause();
    this.#restore();
  }

  /** @param {string} text */
  #take(text) {
    // There are no signals while it echoes nothing.
    if (text.includes(CTRL_C)) return this.#interrupt.raise("SIGINT");
    this.#typed += text;
    this.#wake();
  }

  /** @param {boolean} isSecret @returns {Promise<string>} */
  async #line(isSecret) {
    let line = "";
    for (;;) {
      const key = await this.#key();
      if (key === null || (key === CTRL_D && !line)) throw new UsageFault(this.#texts.login.inputEnded);
      if (ENTER.includes(key)) return line;
      const before = line;
      if (ERASE.includes(key)) line = Array.from(line).slice(0, -1).join("");
      else if (key === CTRL_U) line = "";
      else if (key >= " " && key !== "\x7f") line += key;
      if (isSecret) continue;
      const erased = Array.from(before).length - Array.from(line).length;
      process.stderr.write(erased > 0 ? "\b \b".repeat(erased) : line.slice(before.length));
    }
  }

  /** One character; what a key like an arrow sends is passed over. Null: there will be none. @returns {Promise<string | null>} */
  async #key() {
    for (;;) {
      const isSteering = this.#typed.startsWith(ESCAPE);
      const [whole] = (isSteering ? SEQUENCE : CHARACTER).exec(this.#typed.slice(isSteering ? 1 : 0)) ?? [];
      if (whole) {
        this.#typed = this.#typed.slice(whole.length + Number(isSteering));
        if (isSteering) continue;
        return whole === "\r\n" ? "\n" : whole;
      }
      if (this.#hasEnded) return null;
      await new Promise((resolve) => (this.#wake = () => resolve(undefined)));
    }
  }
}
