/** Bodies on their way. */
import { isFunction, silence } from "../reading.js";

/**
 * Reads a body as a whole; null when it is longer than it may be.
 *
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader
 * @param {number} most bytes
 */
export async function whole(reader, most) {
  /** @type {Uint8Array[]} */
  const chunks = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > most) return null;
    chunks.push(value);
  }
  if (chunks.length === 1) return chunks[0];
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/**
 * The same body, as it comes, as long as it is not too long.
 *
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader
 * @param {number} most bytes
 * @param {{ ended(): void, tooLong(): void, failed(error: unknown): void }} tell
 */
export function counted(reader, most, tell) {
  let length = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) {
            tell.ended();
            controller.close();
            return;
          }
          length += value.length;
          if (length <= most) return controller.enqueue(value);
          tell.tooLong();
          controller.error(new Error("the body is too long"));
          silence(reader.cancel());
        } catch (error) {
          tell.failed(error);
          controller.error(error);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/**
 * The body of an answer, of whatever library it is, as `Response` takes it.
 *
 * @param {any} answer
 * @returns {Promise<any>}
 */
export async function bodyOf(answer) {
  const { body } = answer;
  if (body === null || body instanceof ReadableStream) return body;
  if (isFunction(body?.getReader)) {
    const reader = body.getReader();
    return pulled(() => reader.read(), () => reader.cancel());
  }
  if (body && isFunction(body[Symbol.asyncIterator])) {
    const iterator = body[Symbol.asyncIterator]();
    return pulled(() => iterator.next(), () => iterator.return?.());
  }
  // Mocks have no stream.
  return isFunction(answer.arrayBuffer) ? await answer.arrayBuffer() : await answer.text();
}

/** @param {() => Promise<IteratorResult<any>>} next @param {() => any} cancel */
function pulled(next, cancel) {
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel,
    },
    { highWaterMark: 0 },
  );
}
