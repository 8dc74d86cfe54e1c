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

/** @type {WeakSet<Function>} */
const relays = new WeakSet();

/** A relay itself, in nothing that its owner has put around it. @template {Function} T @param {T} relay @returns {T} */
export function own(relay) {
  relays.add(relay);
  return relay;
}

/** @param {Function} relay */
export function isOwn(relay) {
  return relays.has(relay);
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
