/** Reads bodies, of whatever realm or library the answer is. */
import { attempt, isFunction, silence } from "./reading.js";

/** Longest answer that is read, bytes. */
const LONGEST = 1024 * 1024;

/**
 * The bytes of a body; null when they are too many, undefined when there is no way to read them. What breaks off rejects.
 *
 * @param {any} answer
 * @returns {Promise<Uint8Array | null | undefined>}
 */
export async function read(answer) {
  const stream = attempt(() => answer.body);
  if (stream === null) return new Uint8Array();
  if (!isFunction(attempt(() => stream.getReader))) return whole(answer);
  const reader = stream.getReader();
  /** @type {Uint8Array[]} */
  const chunks = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const chunk = bytes(value);
    if (!chunk) return undefined;
    length += chunk.length;
    if (length > LONGEST) {
      silence(attempt(() => reader.cancel()));
      return null;
    }
    chunks.push(chunk);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** For answers without a stream, as mocks give them. @param {any} answer */
async function whole(answer) {
  try {
    const given = isFunction(answer.arrayBuffer) ? await answer.arrayBuffer() : new TextEncoder().encode(await answer.text());
    const all = bytes(given);
    return all && all.length > LONGEST ? null : all;
  } catch {
    return undefined;
  }
}

/** A chunk may be another realm's, so it is known by its shape. @param {any} value @returns {Uint8Array | undefined} */
function bytes(value) {
  try {
    if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return typeof value?.byteLength === "number" ? new Uint8Array(value) : undefined;
  } catch {
    return undefined;
  }
}
