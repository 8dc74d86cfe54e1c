/**
 * What may be shown of requests and answers: only what is known to be harmless. Whatever is new is masked until somebody
 * has thought about it.
 */
const MASK = "•••";
const HEADERS = new Set([
  ...["accept", "cache-control", "content-length", "content-type", "country", "date", "pragma", "retry-after", "user-agent"],
  ...["connection", "keep-alive", "referrer-policy", "x-content-type-options"],
]);
const ASKED = new Set(["grant_type", "client_id", "username", "direction", "redirect_uri", "format"]);
const ANSWERED = new Set([
  ...["token_type", "expires_in", "access_token_expiration_time", "scope", "user_id", "userid", "subject", "currency", "url_api"],
  ...["ok", "method", "path", "error", "code", "status", "name", "organization_id"],
]);
/** Longer than what a person reads. */
const LONGEST = 40;

/** @typedef {[name: string, value: string][]} Fields */

/** @param {Headers} headers @returns {Fields} */
export function headersOf(headers) {
  return Array.from(headers, ([name, value]) => {
    if (HEADERS.has(name)) return [name, value];
    const [scheme, secret] = value.split(" ");
    return [name, name === "authorization" && secret ? `${scheme} ${MASK}` : MASK];
  });
}

/** The fields of a request's body. @param {string} text @param {string} type @returns {Fields} */
export function askedOf(text, type) {
  const mask = ([name, value]) => /** @type {[string, string]} */ ([name, ASKED.has(name) ? String(value) : MASK]);
  if (type.startsWith("application/x-www-form-urlencoded")) return Array.from(new URLSearchParams(text), mask);
  if (type.startsWith("application/json")) return Object.entries(JSON.parse(text)).map(mask);
  return [["", MASK]];
}

/** The fields of an answer's body: of JSON, of what is nearly JSON, of XML. @param {string} text @returns {Fields} */
export function answeredOf(text) {
  if (text === "") return [];
  const fields = jsonOf(text) ?? linesOf(text);
  if (fields.length === 0) return [["", MASK]];
  return fields.slice(0, LONGEST).map(([path, value]) => {
    const name = path.split(".").at(-1)?.toLowerCase() ?? "";
    return [path, ANSWERED.has(name) ? String(value) : MASK];
  });
}

/** @returns {[string, unknown][] | null} */
function jsonOf(text) {
  try {
    return Array.from(leaves("", JSON.parse(text)));
  } catch {
    return null;
  }
}

/** @returns {Generator<[string, unknown]>} */
function* leaves(path, value) {
  if (typeof value !== "object" || value === null) yield [path, value];
  else for (const [name, inner] of Object.entries(value)) yield* leaves(path ? `${path}.${name}` : name, inner);
}

/** One field a line: `Expires_in:86400,` or `<error>invalid_grant</error>`. @returns {[string, unknown][]} */
function linesOf(text) {
  const found = text.matchAll(/^\s*(?:"?(\w+)"?\s*:\s*"?(.*?)"?,?|<(\w+)>(.*)<\/\3>)\s*$/gm);
  return Array.from(found, ([, name, value, tag, content]) => [name ?? tag, value ?? content]);
}
