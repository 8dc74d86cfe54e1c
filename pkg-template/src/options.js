/** Takes the options of `create` apart: functions and the store stay here, data goes to the module, which checks it. */
import { config } from "./mistakes.js";
import { isFunction, isList, isObject, isWellFormed, members } from "./reading.js";

/** Deepest value that is read: what is deeper is a mistake, or has no end. */
const DEEPEST = 32;

const FUNCTIONS = ["fetch", "now", "credentials", "onTrace", "onWarning"];

/**
 * @typedef {object} Options
 * @property {string} data in JSON: needed until the client is open
 * @property {boolean} hasRedirect
 * @property {boolean} renewsAhead
 * @property {string} provider its name, as far as it can be told
 * @property {boolean} hasObjects whether a profile is among them, or a part of one
 * @property {"session" | "local" | import("../types/index.js").TokenStore | null} storage
 * @property {typeof globalThis.fetch} [fetch]
 * @property {() => number} [now]
 * @property {(reason: any) => any} [credentials]
 * @property {(record: any) => void} [onTrace]
 * @property {(error: any) => void} [onWarning]
 */

/**
 * Reads own members only, each once.
 *
 * @param {unknown} given
 * @returns {Options}
 */
export function options(given) {
  if (!isObject(given)) throw config("options", "an object whose members can be read");
  /** @type {Options} */
  const read = { data: "", hasRedirect: false, renewsAhead: false, provider: "", hasObjects: false, storage: null };
  /** @type {[string, unknown][]} */
  const rest = [];
  for (const [name, value] of members(given, () => config("options", "an object whose members can be read"))) {
    if (value === null) throw config(name, "left out, or given a value: null is none");
    if (FUNCTIONS.includes(name)) {
      if (!isFunction(value)) throw config(name, "a function");
      /** @type {any} */ (read)[name] = value;
    } else if (name === "storage") {
      read.storage = storage(value);
    } else {
      const wrong = () => config(name, `data: well-formed text, numbers, true, false, null, lists and objects, at most ${DEEPEST} deep`);
      if (!isWellFormed(name)) throw wrong();
      rest.push([name, data(value, wrong)]);
    }
  }
  /** @type {any} */
  const own = Object.fromEntries(rest);
  const name = Object.hasOwn(own, "provider") ? own.provider : undefined;
  const id = isObject(name) ? /** @type {any} */ (name).id : name;
  read.provider = typeof id === "string" ? id : "";
  read.hasObjects = Object.values(own).some(isObject);
  read.hasRedirect = Object.hasOwn(own, "redirectUri");
  read.renewsAhead = own.autoRefresh === true;
  read.data = JSON.stringify(own);
  return read;
}

/** @param {any} value */
function storage(value) {
  if (value === "memory") return null;
  if (value === "session" || value === "local") return value;
  if (!isObject(value)) throw config("storage", '"memory", "session", "local", or an object with `get`, `set` and `delete`');
  const member = (/** @type {string} */ name) => {
    try {
      return /** @type {any} */ (value)[name];
    } catch {
      return null;
    }
  };
  for (const name of ["get", "set", "delete"]) if (!isFunction(member(name))) throw config(`storage.${name}`, "a function");
  for (const name of ["withLock", "watch"]) {
    const found = member(name);
    if (found !== undefined && !isFunction(found)) throw config(`storage.${name}`, "a function, or left out");
  }
  return value;
}

/**
 * A copy of data, as JSON can hold it.
 *
 * @param {any} value
 * @param {() => Error} wrong
 * @param {number} [left] how much deeper it may go
 * @returns {any}
 */
export function data(value, wrong, left = DEEPEST) {
  if (value === null || value === undefined || typeof value === "boolean") return value;
  if (typeof value === "string" && isWellFormed(value)) return value;
  // What is no number in JSON is none that an option could take, either.
  if (typeof value === "number") return Number.isFinite(value) ? value : 0.5;
  if (typeof value !== "object" || left === 0) throw wrong();
  if (isList(value)) {
    let items;
    try {
      items = Array.from(value);
    } catch {
      throw wrong();
    }
    return items.map((item) => data(item, wrong, left - 1));
  }
  const read = members(value, wrong).map(([name, member]) => {
    if (!isWellFormed(name)) throw wrong();
    return [name, data(member, wrong, left - 1)];
  });
  return Object.fromEntries(read);
}
