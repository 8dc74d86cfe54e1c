/** What `Request` and `Response` cannot say: how a request came to a server of Node, and that an answer is none of the relay's. */

/**
 * @typedef {object} Facts
 * @property {string} method also one that no Request may have
 * @property {string} target as it came, before anything has parsed it
 * @property {string} own the origin that it was sent to
 * @property {boolean} passesOn whether somebody else answers what is outside of the mount
 */

/** @type {WeakMap<object, Facts>} */
const known = new WeakMap();

/** @type {WeakSet<object>} */
const outside = new WeakSet();

/** @param {Request} request @param {Facts} facts */
export function note(request, facts) {
  known.set(request, facts);
}

/** @param {any} request @returns {Facts} */
export function factsOf(request) {
  const noted = known.get(request);
  if (noted) return noted;
  const [url] = String(request.url).split("#", 1);
  const path = url.indexOf("/", url.indexOf("//") + 2);
  const isWhole = /^https?:\/\//.test(url) && path > 0;
  return { method: request.method, target: isWhole ? url.slice(path) : url, own: isWhole ? url.slice(0, path) : "", passesOn: false };
}

/** @type {WeakMap<Function, import("./serve.js").Relay>} */
const relays = new WeakMap();

/** A relay itself, in nothing that its owner has put around it. @template {Function} T @param {T} relay @param {import("./serve.js").Relay} inside @returns {T} */
export function own(relay, inside) {
  relays.set(relay, inside);
  return relay;
}

/** What a relay consists of; nothing where somebody has put something around it. @param {Function} relay */
export function insideOf(relay) {
  return relays.get(relay);
}

/** An answer that says: not mine. */
export function notMine() {
  const answer = new Response(null, { status: 404 });
  outside.add(answer);
  return answer;
}

/** @param {object} answer */
export function isOutside(answer) {
  return outside.has(answer);
}

/** A body that something has read, and left nowhere. */
export const GONE = new Error("the body was read before it came to the relay, and `request.body` has it in no form that can be sent");
