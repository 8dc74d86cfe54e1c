import en from "./en.js";
import ru from "./ru.js";

/** Of every copy of the package, so that this script needs none of them. */
const BRAND = Symbol.for("propusk.AuthError");

/**
 * What a sentence may depend on; null is unknown.
 *
 * @typedef {object} Facts
 * @property {string | null} provider
 * @property {number | null} status
 * @property {boolean} isFinal it makes no sense to try the same again
 * @property {string | null} wait "5 seconds", in the language and case of the sentences
 */

/** @typedef {Readonly<Record<string, string | ((facts: Facts) => string)>>} Sentences by code; "" is the general one */

/** @typedef {{ sentences: Sentences, seconds: (n: number) => string, minutes: (n: number) => string }} Language */

/**
 * Whatever is thrown may come here, so nothing of it is trusted: not that it can be read, and no text of it is shown.
 *
 * @param {unknown} error
 * @param {string} [language]
 */
export function userMessage(error, language) {
  const spoken = typeof language === "string" && /^ru(?![a-z\d])/i.test(language) ? ru : en;
  const { sentences } = spoken;
  const code = typeof error === "string" ? error : read(error, BRAND) === true ? read(error, "code") : "";
  const sentence = typeof code === "string" && Object.hasOwn(sentences, code) ? sentences[code] : sentences[""];
  return typeof sentence === "string" ? sentence : sentence(facts(error, spoken));
}

/** @param {unknown} error @param {Language} language @returns {Facts} */
function facts(error, language) {
  const provider = read(error, "provider");
  const status = read(error, "status");
  return {
    provider: typeof provider === "string" ? provider : null,
    status: typeof status === "number" ? status : null,
    isFinal: read(error, "retryable") === false,
    wait: wait(read(error, "retryAfter"), language),
  };
}

/**
 * Seconds below a minute, then minutes, and never less than what was asked for.
 *
 * @param {unknown} ms
 * @param {Language} language
 */
function wait(ms, { seconds, minutes }) {
  if (typeof ms !== "number" || !(ms > 0 && ms <= Number.MAX_SAFE_INTEGER)) return null;
  const n = Math.ceil(Math.ceil(ms) / 1000);
  return n < 60 ? seconds(n) : minutes(Math.ceil(n / 60));
}

/** A member, where it can be read: proxies and getters may throw. @param {any} value @param {string | symbol} name @returns {unknown} */
function read(value, name) {
  try {
    return typeof value === "object" ? value?.[name] : undefined;
  } catch {
    return undefined;
  }
}
