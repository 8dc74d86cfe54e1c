/** Secrets that can be told apart from everything else, and a look through everything that a caller might log. */
import { createHash, randomBytes } from "node:crypto";
import { inspect } from "node:util";

/** Secrets that were planted, by the part of them that no encoding of text changes. @type {Map<string, string>} */
const planted = new Map();

/**
 * A secret that no encoding leaves as it is, around a part that every encoding of text does leave as it is.
 *
 * @param {string} name
 * @param {string} [around] what stands before and after that part
 */
export function plant(name, around = " &+/=%\"'<\\") {
  const core = randomBytes(12).toString("hex");
  planted.set(core, name);
  return `${around}${core}${around}`;
}

/** The same, as a token has to be: without blanks. @param {string} name */
export const plantToken = (name) => plant(name, "+/=%~");

/** What would give a secret away. @param {string} core */
function traces(core) {
  // A part of it is enough: a text may have been cut off in the middle of a secret.
  const part = core.slice(0, 12);
  const shifted = ["", "x", "xx"].map((shift) => Buffer.from(shift + part).toString("base64").slice(shift && 4, 14));
  return [part, ...shifted, Buffer.from(part).toString("hex")];
}

/** The names of the planted secrets that can be read from a text. @param {string} text @returns {string[]} */
export function leaked(text) {
  return [...planted].filter(([core]) => traces(core).some((trace) => text.includes(trace))).map(([, name]) => name);
}

/** The digest that Kassa takes for a password. @param {string} password */
export const digest = (password) => createHash("sha256").update(password).digest("base64");

/**
 * Everything that can be read from a value: as text, as JSON, as a console shows it, and by looking at each member.
 *
 * @param {any} value
 * @param {Set<unknown>} [seen]
 * @returns {string}
 */
export function readable(value, seen = new Set()) {
  if (typeof value !== "object" || value === null || seen.has(value)) return String(value);
  seen.add(value);
  const members = Reflect.ownKeys(value).map((key) => `${String(key)}: ${readable(value[key], seen)}`);
  const shown = [inspect(value, { depth: 10, showHidden: true, maxStringLength: Infinity }), JSON.stringify(value) ?? ""];
  if (value instanceof Error) shown.push(String(value), value.message, value.stack ?? "", readable(value.cause, seen));
  return [...shown, ...members].join("\n");
}
