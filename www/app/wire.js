/**
 * A `fetch` that looks at each request before it leaves, so that the page can show headers and bodies too; the client's
 * own `onTrace` tells the rest. It shows only what is known to be harmless: whatever is new is masked until somebody
 * has thought about it.
 */
const MASK = "•••";
const HARMLESS_HEADERS = new Set(["accept", "content-type", "country", "user-agent"]);
const HARMLESS_FIELDS = new Set(["grant_type", "client_id", "username", "direction", "redirect_uri", "format"]);

/** Requests that have left and whose trace has not come yet, by method and address. */
const waiting = new Map();

const keyOf = (method, url) => `${method} ${url.split("?")[0]}`;

/** For the client's option `fetch`. @param {RequestInfo | URL} input @param {RequestInit} [init] */
export async function tappedFetch(input, init) {
  const request = new Request(input, init);
  const key = keyOf(request.method, request.url);
  // The body is read from a copy, and not waited for: looking must not slow down what is looked at.
  const body = request.body ? request.clone().text() : null;
  const type = request.headers.get("content-type") ?? "";
  const seen = { headers: headersOf(request.headers), body: body?.then((text) => fieldsOf(text, type), () => null) ?? null };
  waiting.set(key, [...(waiting.get(key) ?? []), seen]);
  return fetch(request);
}

/** What was seen of the request that a trace tells of. */
export function seenOf({ method, url }) {
  return waiting.get(keyOf(method, url))?.shift() ?? null;
}

/** @returns {[string, string][]} */
function headersOf(headers) {
  return Array.from(headers, ([name, value]) => {
    if (HARMLESS_HEADERS.has(name)) return [name, value];
    const [scheme, secret] = value.split(" ");
    return [name, name === "authorization" && secret ? `${scheme} ${MASK}` : MASK];
  });
}

function fieldsOf(text, type) {
  const mask = ([name, value]) => [name, HARMLESS_FIELDS.has(name) ? String(value) : MASK];
  if (type.startsWith("application/x-www-form-urlencoded")) return Array.from(new URLSearchParams(text), mask);
  if (type.startsWith("application/json")) return Object.entries(JSON.parse(text)).map(mask);
  return [["", MASK]];
}
