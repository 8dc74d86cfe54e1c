/** The relay as a handler of node:http and of what is built on it. No module of Node's is needed for that. */
import { isFunction, silence } from "../reading.js";
import { isOutside } from "./facts.js";
import { asked } from "./node-request.js";
import { wrong } from "./options.js";

/**
 * @param {any} relay
 * @returns {(request: any, response: any, next?: (error?: unknown) => void) => void}
 */
export function toNodeHandler(relay) {
  if (!isFunction(relay)) throw wrong("relay", "the function that `createRelay` gives", "Await it: `toNodeHandler(await createRelay(options))`.");
  return (request, response, next) => void handle(relay, request, response, isFunction(next) ? next : null);
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
  try {
    const answer = await relay(asked(request, gone.signal, next !== null));
    if (next && isOutside(answer)) {
      response.off("close", leave);
      next();
      return;
    }
    await write(answer, request, response, gone.signal);
  } catch (error) {
    if (response.headersSent) {
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
  const cancel = () => silence(reader.cancel());
  gone.addEventListener("abort", cancel, { once: true });
  // The head goes out before there is any of the body.
  if (isFunction(response.flushHeaders)) response.flushHeaders();
  for (;;) {
    const { done, value } = await reader.read();
    if (done || gone.aborted) break;
    if (!response.write(value)) await drained(response);
  }
  if (!gone.aborted) response.end();
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
