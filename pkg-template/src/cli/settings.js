/** What `--set` says, as the options of `AuthClient.create`. */
import { UsageFault } from "./failure.js";

const NUMBERS = ["refreshBefore", "timeout", "retries"];
const FLAGS = ["allowInsecure", "autoRefresh", "anonymous"];
const LISTS = ["allowedOrigins"];
const OBJECTS = ["secondFactor"];
/** What a profile of one's own has besides its `params`. */
const COMMON = ["redirectUri", ...NUMBERS, ...LISTS, "allowInsecure", "autoRefresh"];
/** They have a way of their own, or none from a command line. @type {Record<string, string | null>} */
const NOT_HERE = {
  account: "--account",
  baseUrl: "--base-url",
  params: "--set NAME=VALUE",
  provider: null,
  storage: null,
  credentials: null,
  fetch: null,
  now: null,
  onTrace: null,
  onWarning: null,
};
/** Of the services' own options one is a secret. */
const OWN_SECRET = "clientSecret";
const SECRET = /^(token|secret|password|passwd|pwd|key|apikey|pin|jwt|signature|sig|session|sessionid|sid|ticket|cookie)$/;

/** As text, by name. @typedef {Record<string, string>} Settings */

/**
 * @param {string[]} pairs
 * @param {import("./texts.js").Texts} texts
 * @returns {Settings}
 */
export function readSet(pairs, { set }) {
  /** @type {Settings} */
  const settings = {};
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at < 1) throw new UsageFault(set.noPair, set.pair);
    const name = pair.slice(0, at);
    if (Object.hasOwn(NOT_HERE, name)) throw new UsageFault(set.notHere(name), NOT_HERE[name] && set.instead(NOT_HERE[name]));
    if (Object.hasOwn(settings, name)) throw new UsageFault(set.twice(name));
    settings[name] = pair.slice(at + 1);
  }
  return settings;
}

/**
 * What is no number or truth value stays text: then the library says what it takes.
 *
 * @param {import("./service.js").Service} service
 * @param {Settings} settings
 * @returns {Record<string, any>}
 */
export function optionsOf({ isCustom, profile }, settings) {
  /** @type {Record<string, any>} */
  const options = {};
  /** @type {Record<string, string>} */
  const params = {};
  for (const [name, text] of Object.entries(settings)) {
    const isDeclared = typeof profile.params === "object" && profile.params !== null && Object.hasOwn(profile.params, name);
    if (isCustom && (name.startsWith("params.") || isDeclared || !COMMON.includes(name))) {
      params[name.replace(/^params\./, "")] = text;
    } else if (text !== "") {
      options[name] = valueOf(name, text);
    }
  }
  return Object.keys(params).length > 0 ? { ...options, params } : options;
}

/** @param {string} name @param {string} text */
function valueOf(name, text) {
  if (NUMBERS.includes(name) && /^\d+$/.test(text)) return Number(text);
  if (FLAGS.includes(name) && /^(true|false)$/.test(text)) return text === "true";
  if (LISTS.includes(name)) return text.split(",").map((item) => item.trim());
  if (!OBJECTS.includes(name)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Whether a setting may not be written down. @param {import("./service.js").Service} service @param {string} name */
export function isSecret({ isCustom, profile }, name) {
  if (!isCustom) return name === OWN_SECRET;
  const bare = name.replace(/^params\./, "");
  const declared = Array.isArray(profile.secretParams) ? profile.secretParams : [];
  const words = bare.replace(/([a-z\d])([A-Z])/g, "$1 $2").toLowerCase().split(/[ _.-]+/);
  return declared.includes(bare) || words.some((word, at) => SECRET.test(word) || SECRET.test(word + (words[at + 1] ?? "")));
}
