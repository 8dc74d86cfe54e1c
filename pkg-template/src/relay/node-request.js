/** A request of node:http as a `Request`, whatever has been done to it before. */
import { isFunction, isObject } from "../reading.js";
import { GONE, note } from "./facts.js";

/** What a Request may not be, or be only without a body. */
const BODILESS = ["GET", "HEAD"];

/** Headers that tell of the body as it came, and not as something has read it. */
const OF_BODY = ["content-length", "content-encoding", "transfer-encoding"];

/** Host and port as servers are called: names, IPv4, IPv6. */
const HOST = /^(?:[\w.~-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/**
 * @param {any} request
 * @param {AbortSignal} signal
 * @param {boolean} passesOn whether somebody else answers what is outside of the mount
 * @param {boolean} isOwn whether only the relay will see it, which asks for no more than a Request's members
 */
export function asked(request, signal, passesOn, isOwn) {
  const facts = factsOfNode(request, passesOn);
  const { method, target, own } = facts;
  const body = streamed(given(request, method), request);
  if (isOwn) {
    const made = /** @type {any} */ (new Plain(request, signal, body));
    note(made, facts);
    return made;
  }
  /** @type {any} */
  const init = { method, signal, headers: headersOf(request, Boolean(body?.isRead)) };
  if (body) Object.assign(init, { body: body.content, duplex: "half" });
  const made = requestOf(addressOf(own, target), init);
  note(made, facts);
  return made;
}

/** @param {any} request @param {boolean} passesOn whether somebody else answers what is outside of the mount @returns {import("./facts.js").Facts} */
export function factsOfNode(request, passesOn) {
  const { originalUrl, url } = request;
  const target = String(typeof originalUrl === "string" ? originalUrl : url);
  return { method: String(request.method).toUpperCase(), target, own: originOf(request), passesOn };
}

/** What the relay reads of a Request, for a fraction of what a Request costs. */
class Plain {
  #headers;
  #isRead;

  /** @param {any} request @param {AbortSignal} signal @param {{ content: any, isRead: boolean } | null} body */
  constructor(request, signal, body) {
    this.#headers = request.headers ?? {};
    this.#isRead = Boolean(body?.isRead);
    this.signal = signal;
    this.body = body && (isFunction(body.content.getReader) ? body.content : new Blob([body.content]).stream());
  }

  get headers() {
    return this;
  }

  /** @param {string} name */
  get(name) {
    const value = this.#isRead && OF_BODY.includes(name) ? undefined : this.#headers[name];
    return value === undefined ? null : [value].flat().join(", ");
  }
}

/** @param {string} address @param {any} init */
function requestOf(address, init) {
  try {
    return new Request(address, init);
  } catch {
    // TRACE and the like, which no Request may have: what counts is noted beside it.
    return new Request(address, { headers: init.headers, signal: init.signal });
  }
}

/** @param {any} request */
function originOf(request) {
  const { socket, headers } = request;
  const host = String(headers?.host ?? headers?.[":authority"] ?? "");
  const scheme = socket?.encrypted || headers?.[":scheme"] === "https" ? "https" : "http";
  // No page is of such an origin.
  if (!HOST.test(host)) return `${scheme}://host.invalid`;
  try {
    return new URL(`${scheme}://${host}`).origin;
  } catch {
    return `${scheme}://host.invalid`;
  }
}

/** For those who look at the request on its way: the relay itself judges the target. @param {string} own @param {string} target */
function addressOf(own, target) {
  try {
    return new URL(target.startsWith("/") ? own + target : `${own}/`).href;
  } catch {
    return `${own}/`;
  }
}

/** @param {any} request @param {boolean} isRead */
function headersOf(request, isRead) {
  const headers = new Headers();
  const { rawHeaders } = request;
  /** @type {[string, any][]} */
  const pairs = [];
  if (Array.isArray(rawHeaders)) for (let at = 0; at + 1 < rawHeaders.length; at += 2) pairs.push([rawHeaders[at], rawHeaders[at + 1]]);
  else pairs.push(...Object.entries(request.headers ?? {}));
  for (const [name, value] of pairs) {
    if (name.startsWith(":") || value === undefined || (isRead && OF_BODY.includes(name.toLowerCase()))) continue;
    try {
      for (const one of [value].flat()) headers.append(name, one);
    } catch {
      // What no header may be does not pass.
    }
  }
  return headers;
}

/**
 * What a request has for a body: nothing, what arrives, what something has read and left in `request.body`, or has left nowhere.
 *
 * @typedef {{ kind: "none" | "stream" | "gone", isRead: boolean, bytes?: undefined } | { kind: "bytes", isRead: boolean, bytes: Uint8Array }} Given
 */

/** @param {any} request @param {string} method @returns {Given} */
export function given(request, method) {
  if (BODILESS.includes(method)) return { kind: "none", isRead: false };
  const isRead = request.readableDidRead === true || request.readableEnded === true || request._body === true;
  const content = isRead ? readBody(request) : null;
  if (content !== null) return content.length > 0 ? { kind: "bytes", isRead, bytes: content } : { kind: "none", isRead };
  if (!hasBody(request)) return { kind: "none", isRead };
  return { kind: isRead ? "gone" : "stream", isRead };
}

/** The same as a Request may have it. @param {Given} found @param {any} request @returns {{ content: any, isRead: boolean } | null} */
function streamed({ kind, isRead, bytes }, request) {
  switch (kind) {
    case "bytes":
      return { content: bytes, isRead };
    case "stream":
      return { content: streamOf(request), isRead };
    case "gone":
      return { content: failing(), isRead };
    default:
      return null;
  }
}

/** @param {any} request */
function hasBody({ headers = {}, stream }) {
  if (headers["transfer-encoding"] !== undefined || Number(headers["content-length"]) > 0) return true;
  return headers["content-length"] === undefined && stream?.endAfterHeaders === false;
}

/** What has read the body has left it so; null where it has not. @param {any} request @returns {Uint8Array | null} */
function readBody(request) {
  const { body, headers = {} } = request;
  if (typeof body === "string") return new TextEncoder().encode(body);
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  if (Object.prototype.toString.call(body) === "[object ArrayBuffer]") return new Uint8Array(body);
  const type = String(headers["content-type"] ?? "").split(";", 1)[0].trim().toLowerCase();
  if (body !== undefined && (type === "application/json" || type.endsWith("+json"))) return new TextEncoder().encode(JSON.stringify(body));
  if (type === "application/x-www-form-urlencoded" && isObject(body)) {
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries(body)) fill(form, name, value);
    return new TextEncoder().encode(form.toString());
  }
  return null;
}

/** Pairs as middleware has read them: lists, and objects by brackets. @param {URLSearchParams} form @param {string} name @param {any} value */
function fill(form, name, value) {
  if (Array.isArray(value)) for (const one of value) fill(form, isObject(one) ? `${name}[]` : name, one);
  else if (isObject(value)) for (const [inner, one] of Object.entries(value)) fill(form, `${name}[${inner}]`, one);
  else form.append(name, String(value ?? ""));
}

function failing() {
  return new ReadableStream({ pull: (controller) => controller.error(GONE) }, { highWaterMark: 0 });
}

/** What arrives, no faster than it is taken. @param {any} request */
function streamOf(request) {
  /** @type {(() => void) | null} */
  let forget = null;
  return new ReadableStream(
    {
      pull(controller) {
        forget ??= listen(request, controller);
        request.resume();
      },
      cancel() {
        forget?.();
        // The rest is let through, so that the page gets to read the answer.
        request.resume();
      },
    },
    { highWaterMark: 0 },
  );
}

/** @param {any} request @param {ReadableStreamDefaultController} controller */
function listen(request, controller) {
  const data = (/** @type {Uint8Array} */ chunk) => {
    controller.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    if ((controller.desiredSize ?? 0) <= 0) request.pause();
  };
  const end = () => {
    forget();
    controller.close();
  };
  const fail = () => {
    forget();
    controller.error(new Error("the page went away before its body had arrived"));
  };
  // An error after that has nobody to tell.
  request.on("error", () => {});
  const listeners = Object.entries({ data, end, error: fail, aborted: fail, close: fail });
  const forget = () => {
    for (const [event, listener] of listeners) request.off(event, listener);
  };
  for (const [event, listener] of listeners) request.on(event, listener);
  return forget;
}
