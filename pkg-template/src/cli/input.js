import { Buffer } from "node:buffer";
/** What comes from files and from the other end of a pipe. */
import { readFile } from "node:fs/promises";
import process from "node:process";
import { UsageFault } from "./failure.js";

/** Longest JSON that `--stdin` takes, bytes: several credentials of the longest kind. */
const LONGEST = 1024 * 1024;

/**
 * All of stdin.
 *
 * @param {import("./interrupt.js").Interrupt} interrupt
 * @returns {Promise<Buffer>}
 */
export async function piped(interrupt) {
  const read = async () => {
    /** @type {Buffer[]} */
    const chunks = [];
    for await (const chunk of process.stdin) chunks.push(chunk);
    return Buffer.concat(chunks);
  };
  return interrupt.race(read());
}

/**
 * The object that `--stdin` stands for. No error repeats any of it.
 *
 * @param {import("./interrupt.js").Interrupt} interrupt
 * @param {import("./texts.js").Texts} texts
 * @returns {Promise<Record<string, string>>}
 */
export async function pipedObject(interrupt, { input }) {
  // Nobody would see that they type a password in the clear until they have done so.
  if (process.stdin.isTTY) throw new UsageFault(input.nothingPiped, input.pipeIt);
  const bytes = await piped(interrupt).catch((error) => {
    throw interrupt.signal.aborted ? error : new UsageFault(input.unreadableStdin);
  });
  if (bytes.length > LONGEST) throw new UsageFault(input.tooLong);
  const value = parsed(bytes.toString("utf8"), () => new UsageFault(input.noJson, input.pipeIt));
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new UsageFault(input.noObject, input.pipeIt);
  for (const [name, member] of Object.entries(value)) if (typeof member !== "string") throw new UsageFault(input.noText(name));
  return value;
}

/** @param {string} text @param {(error: any) => Error} wrong */
export function parsed(text, wrong) {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (error) {
    throw wrong(error);
  }
}

/**
 * @param {string} path
 * @param {import("./texts.js").Texts} texts
 */
export async function file(path, { input }) {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    throw new UsageFault(input.unreadable(path, input.reasons[code ?? ""] ?? code ?? ""), null);
  }
}
