/** Takes a request to the services, and sends what they answer. */
import { Buffer } from "node:buffer";

/** The longest body that a service takes. */
const LONGEST_BODY = 1 << 20;

/** Statuses whose answers have no body. */
const BODILESS = [204, 304];

/**
 * @param {InstanceType<import("./module.js").Services>} services
 * @param {number} number the request's own
 * @param {number} port which of the six
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 */
export async function serve(services, number, port, request, response) {
  const { method = "", url = "", rawHeaders, socket } = request;
  const body = await whole(request);
  response.once("close", () => services.leave(number));
  const answer = /** @type {[number, string[], Uint8Array, string] | undefined} */ (await services.handle(number, port, method, url, rawHeaders, body));
  if (socket.destroyed) return;
  if (!answer) {
    socket.resetAndDestroy();
    return;
  }
  const [status, headers, bytes, ending] = answer;
  const length = headers.findIndex((name, at) => at % 2 === 0 && name === "content-length");
  if (BODILESS.includes(status)) {
    if (length >= 0) headers.splice(length, 2);
  } else if (length < 0) {
    headers.push("content-length", String(bytes.length));
  }
  // One request a connection: browsers silently repeat one whose reused connection dies, and a fault would not be seen.
  response.shouldKeepAlive = false;
  response.sendDate = false;
  response.writeHead(status, headers);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (ending === "whole") {
    response.end(text);
  } else if (ending === "half") {
    response.flushHeaders();
    response.write(text);
    socket.destroySoon();
  } else {
    response.flushHeaders();
    await services.untilReset();
    socket.destroy();
  }
}

/** A body to its end; undefined when it is too long or breaks off. @param {import("node:http").IncomingMessage} request */
async function whole(request) {
  /** @type {Buffer[]} */
  const chunks = [];
  let length = 0;
  try {
    for await (const chunk of request) {
      length += chunk.length;
      if (length <= LONGEST_BODY) chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return length <= LONGEST_BODY ? Buffer.concat(chunks) : undefined;
}
