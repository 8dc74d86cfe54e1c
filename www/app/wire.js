/**
 * A `fetch` that looks at each request before it leaves and at its answer, so that the page can show headers and bodies
 * too; the client's own `onTrace` tells the rest.
 */
import { answeredOf, askedOf, headersOf } from "./masks.js";

/**
 * @typedef {import("./masks.js").Fields} Fields
 * @typedef {{ headers: Fields, body: Promise<Fields | null> | null }} Message
 * @typedef {{ asked: Message, answered: Promise<Message | null> }} Seen
 */

/** Requests that have left and whose trace has not come yet, by method and address. @type {Map<string, Seen[]>} */
const waiting = new Map();
/** More at once than this are not looked at: looking must not slow down what is looked at. */
const MOST = 50;
let open = 0;

const keyOf = (method, url) => `${method} ${url.split("?")[0]}`;

/** For the client's option `fetch`. @param {RequestInfo | URL} input @param {RequestInit} [init] */
export async function tappedFetch(input, init) {
  const request = new Request(input, init);
  if (open >= MOST) return fetch(request);
  open += 1;
  const type = request.headers.get("content-type") ?? "";
  const body = request.body ? request.clone().text().then((text) => askedOf(text, type), () => null) : null;
  const sent = fetch(request).finally(() => (open -= 1));
  const answered = sent.then(messageOf, () => null);
  const key = keyOf(request.method, request.url);
  waiting.set(key, [...(waiting.get(key) ?? []), { asked: { headers: headersOf(request.headers), body }, answered }]);
  const response = await sent;
  // The copy of its body has to be made before anybody reads it.
  await answered;
  return response;
}

/** @param {Response} response @returns {Message} */
function messageOf(response) {
  const copy = response.clone();
  return { headers: headersOf(response.headers), body: copy.text().then(answeredOf, () => null) };
}

/** What was seen of the request that a trace tells of. @returns {Seen | null} */
export function seenOf({ method, url }) {
  return waiting.get(keyOf(method, url))?.shift() ?? null;
}
