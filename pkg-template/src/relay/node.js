/** The relay as a handler of node:http and of what is built on it, in whatever runtime has that. */
import { isFunction, silence } from "../reading.js";
import { direct } from "./direct.js";
import { insideOf, isOutside } from "./facts.js";
import { asked } from "./node-request.js";
import { wrong } from "./options.js";
import { transport } from "./transport.js";

/**
 * @param {any} relay
 * @returns {(request: any, response: any, next?: (error?: unknown) => void) => void}
 */
export function toNodeHandler(relay) {
  if (!isFunction(relay)) throw wrong("relay", "the function that `createRelay` gives", "Await it: `toNodeHandler(await createRelay(options))`.");
  return (request, response, next) => {
    const passOn = isFunction(next) ? next : null;
    const inside = insideOf(relay);
    const way = inside && !inside.fetch ? transport() : null;
    if (inside && way) void direct(inside, way, request, response, passOn);
    else void handle(relay, request, response, passOn);
  };
}

/**
 * @param {Function} relay
 * @param {any} request
 * @param {any} response
 * @param {Function | null} next
 */
async function handle(relay, request, response, next) {
  const gone = new AbortController();
  const isOver = () => response.writableFinished || response.writableEnded;
  const leave = () => {
    if (!isOver()) gone.abort();
  };
  response.on("close", leave);
  let isAnswered = false;
  try {
    const answer = await relay(asked(request, gone.signal, next !== null, insideOf(relay) !== undefined));
    if (next && isOutside(answer)) {
      response.off("close", leave);
      next();
      return;
    }
    isAnswered = true;
    await write(answer, request, response, gone.signal);
  } catch (error) {
    if (isAnswered || response.headersSent) {
      // What the page has got is not whole, and that is how it learns of it.
      response.destroy();
    } else if (next) {
      next(error);
    } else {
      response.statusCode = 500;
      response.setHeader("Content-Type", "application/json");
      response.end('{"error":{"code":"internal","message":"The relay cannot serve this request."}}');
    }
  }
}

/**
 * @param {Response} answer
 * @param {any} request
 * @param {any} response
 * @param {AbortSignal} gone
 */
async function write(answer, request, response, gone) {
  if (gone.aborted) return silence(answer.body?.cancel());
  response.statusCode = answer.status;
  answer.headers.forEach((value, name) => response.setHeader(name, value));
  // Of a page whose body does not arrive, nothing more is awaited.
  if (answer.status === 408 && request.httpVersionMajor === 1) response.setHeader("Connection", "close");
  const { body } = answer;
  if (!body) {
    response.end();
    return;
  }
  const reader = body.getReader();
  gone.addEventListener("abort", () => silence(reader.cancel()), { once: true });
  const length = Number(answer.headers.get("content-length") ?? Number.NaN);
  let sent = 0;
  let reading = reader.read();
  // What is there already goes out with the head; else the head goes before it.
  const isThere = await Promise.race([reading.then(() => true), soon()]);
  if (!isThere && !gone.aborted && isFunction(response.flushHeaders)) response.flushHeaders();
  for (;;) {
    const { done, value } = await reading;
    if (gone.aborted) return;
    if (done) break;
    sent += value.length;
    // The last piece is known for the last one where the length is known.
    if (sent === length) return void response.end(value);
    const isFree = response.write(value);
    reading = reader.read();
    if (!isFree) await drained(response);
  }
  response.end();
}

/** The next turn of the event loop. @returns {Promise<false>} */
function soon() {
  const { setImmediate: next = setTimeout } = /** @type {any} */ (globalThis);
  return new Promise((resolve) => void next(() => resolve(false)));
}

/** @param {any} response */
function drained(response) {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done);
      response.off("close", done);
      resolve(undefined);
    };
    response.on("drain", done);
    response.on("close", done);
  });
}
