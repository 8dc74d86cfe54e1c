/** Takes the options of `createRelay` apart: functions stay here, data goes to the module, which checks it. */
import { AuthError } from "../error.js";
import { data, options as clientOptions } from "../options.js";
import { isFunction, isObject, members } from "../reading.js";
import { OF_CLIENT } from "./gate.js";

/**
 * @typedef {object} Options
 * @property {string} data in JSON
 * @property {string} provider its name, as far as it can be told
 * @property {typeof globalThis.fetch} [fetch]
 * @property {(record: any) => void} [onTrace]
 */

/**
 * @param {string} name
 * @param {string} accepts
 * @param {string} hint
 */
export function wrong(name, accepts, hint) {
  return new AuthError({ code: "invalid_config", message: `option \`${name}\` must be ${accepts}`, hint });
}

/** @param {object} given */
function ofClient(given) {
  try {
    return clientOptions(given);
  } catch (error) {
    const { code, message } = /** @type {AuthError} */ (error);
    throw new AuthError({ code, message, hint: OF_CLIENT });
  }
}

/** @param {unknown} given @returns {Options} */
export function relayOptions(given) {
  const whole = () => wrong("options", "an object", 'Give at least `mount` and `provider`: { mount: "/auth/kassa", provider: { provider: "bifit-kassa" } }.');
  if (!isObject(given)) throw whole();
  /** @type {Options} */
  const read = { data: "", provider: "" };
  /** @type {[string, unknown][]} */
  const rest = [];
  for (const [name, value] of members(given, whole)) {
    if (value === null) throw wrong(name, "left out, or given a value: null is none", "Leave it out where the default is meant.");
    if (name === "fetch" || name === "onTrace") {
      if (!isFunction(value)) throw wrong(name, "a function", "Leave it out where there is none.");
      /** @type {any} */ (read)[name] = value;
    } else if (name === "provider" && isObject(value)) {
      const client = ofClient(value);
      read.provider = client.provider;
      read.fetch ??= client.fetch;
      rest.push([name, JSON.parse(client.data)]);
    } else {
      rest.push([name, data(value, () => wrong(name, "data: text, numbers, and lists of texts", "See the options in the declarations."))]);
    }
  }
  // The relay's own goes before the client's, in whatever order they were given.
  const own = /** @type {any} */ (given).fetch;
  if (isFunction(own)) read.fetch = /** @type {any} */ (own);
  read.data = JSON.stringify(Object.fromEntries(rest));
  return read;
}
