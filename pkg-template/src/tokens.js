/** Reads the argument of `setSession`. */
import { secret } from "./credentials.js";
import { isAuthError } from "./error.js";
import { invalid } from "./mistakes.js";
import { data } from "./options.js";
import { isList, isObject, isWhole, LIFE, members } from "./reading.js";

/** @type {Record<string, (value: any, name: string) => unknown>} */
const MEMBERS = {
  accessToken: token,
  refreshToken: token,
  subject: text,
  apiBase: text,
  expiresAt: (value, name) => {
    if (!isWhole(value, 0, LIFE)) throw invalid(name, "milliseconds since the epoch");
    return value;
  },
  scope: (value, name) => {
    if (!isList(value)) throw invalid(name, "a list of texts");
    return [...value].map((word) => text(word, name));
  },
  details: (value, name) => {
    if (!isObject(value)) throw invalid(name, "an object");
    return data(value, () => invalid(name, "data: well-formed text, numbers, true, false, null, lists and objects, at most 32 deep"));
  },
};

/** @param {unknown} given */
export function tokens(given) {
  const wrong = () => invalid("tokens", "an object");
  if (!isObject(given)) throw wrong();
  const read = members(given, wrong).map(([name, value]) => {
    const member = Object.hasOwn(MEMBERS, name) ? MEMBERS[name] : undefined;
    if (!member) throw invalid(name, `left out: tokens have no such member. Known: ${Object.keys(MEMBERS).join(", ")}`);
    try {
      return [name, member(value, name)];
    } catch (error) {
      throw isAuthError(error) ? error : invalid(name, "what can be read");
    }
  });
  if (!read.some(([name]) => name === "accessToken")) throw invalid("accessToken", "given");
  return JSON.stringify(Object.fromEntries(read));
}

/** @param {unknown} value @param {string} name */
function token(value, name) {
  const given = secret(value, name);
  if (!/^[!-~]+$/.test(given)) throw invalid(name, "printable ASCII without blanks");
  return given;
}

/** @param {unknown} value @param {string} name */
function text(value, name) {
  if (!secret(value, name)) throw invalid(name, "text that is not empty");
  return value;
}
