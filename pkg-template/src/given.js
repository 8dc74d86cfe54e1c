/** What a caller gives to `fetch`, read by shape: it may be another realm's, or a library's. */
import { signal as readSignal } from "./call-options.js";
import { isAuthError } from "./error.js";
import { invalid } from "./mistakes.js";
import { isFunction } from "./reading.js";

/** Members of `RequestInit`; `fetch` reads them also where they are inherited, as from a Request. */
const INIT = ["method", "body", "referrer", "referrerPolicy", "mode", "credentials", "cache", "redirect", "integrity", "keepalive", "duplex", "priority", "dispatcher", "cf"];

/** Those that a Request takes along. */
const OF_REQUEST = ["method", "referrer", "referrerPolicy", "mode", "credentials", "cache", "redirect", "integrity", "keepalive", "cf"];

/** Most calls come without. */
const NOTHING = Object.freeze({});

/**
 * A caller's call, read once and sent once or twice.
 *
 * @typedef {object} Call
 * @property {string} text
 * @property {any} request a Request, when the caller gave one
 * @property {Record<string, any>} init
 * @property {boolean} hasInit whether there is anything in it
 * @property {Headers | null} headers null where the caller has none
 * @property {AbortSignal | null} signal
 * @property {boolean} isReplayable whether the body can be sent again
 */

/** Reads what the caller gave. @param {any} input @param {any} init @returns {Call} */
export function given(input, init) {
  if (init === undefined && typeof input === "string") return { text: input, request: null, init: NOTHING, hasInit: false, headers: null, signal: null, isReplayable: true };
  if (init !== undefined && init !== null && typeof init !== "object") throw invalid("init", "an object");
  try {
    const request = typeof input === "object" && input !== null && typeof input.url === "string" && typeof input.headers === "object" ? input : null;
    const text = request ? request.url : typeof input === "string" ? input : input?.href;
    if (typeof text !== "string") throw invalid("input", "an address, a URL or a Request");
    const own = members(init, request);
    const { body } = own;
    return {
      text,
      request,
      init: own,
      hasInit: true,
      headers: headersOf(own.headers),
      signal: readSignal(own.signal),
      isReplayable: body === undefined || body === null ? !request?.bodyUsed : !isFunction(body.getReader) && !isFunction(body[Symbol.asyncIterator]),
    };
  } catch (error) {
    throw isAuthError(error) ? error : invalid("input, init", "what can be read");
  }
}

/** What `init` has goes over what the request has. @param {any} init @param {any} request */
function members(init, request) {
  /** @type {Record<string, any>} */
  const own = {};
  if (request) {
    for (const name of [...OF_REQUEST, "headers", "signal"]) {
      const value = request[name];
      // No script may ask for the mode of a navigation.
      if (value !== undefined && value !== "navigate") own[name] = value;
    }
  }
  if (!init) return own;
  Object.assign(own, init);
  // As `fetch` has it: null is as if it were left out.
  if (request && own.body === null) delete own.body;
  const prototype = Object.getPrototypeOf(init);
  if (prototype !== Object.prototype && prototype !== null) {
    for (const name of [...INIT, "headers", "signal"]) if (init[name] !== undefined) own[name] = init[name];
  }
  return own;
}

/** @param {any} value */
function headersOf(value) {
  if (value === undefined || value === null) return null;
  let headers;
  try {
    headers = new Headers(value);
  } catch {
    throw invalid("headers", "what `fetch` takes as headers");
  }
  if (headers.has("authorization")) throw invalid("Authorization", "left out: the client attaches the credential");
  return headers;
}

/** The body of a Request, as bytes: `fetch` is always called with an address and an init. @param {Call} call */
export async function readBody({ request, init }) {
  const unread = () => invalid("input", "a Request whose body has not been read");
  if (init.body !== undefined) return;
  if (request.bodyUsed) throw unread();
  // Some hosts do not show a Request's body.
  if (request.body === null || /^(GET|HEAD)$/i.test(String(init.method))) return;
  try {
    const bytes = await request.clone().arrayBuffer();
    if (bytes.byteLength > 0 || request.body) init.body = bytes;
  } catch {
    throw unread();
  }
}
