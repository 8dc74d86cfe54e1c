/** What a word on the command line means as a service: one of the package's own, or a profile in a file. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { providers } from "../providers.js";
import { Failure, UsageFault } from "./failure.js";
import { file, parsed } from "./input.js";
import { nearest } from "./nearest.js";
import { placeOf } from "./place.js";

/**
 * @typedef {object} Service
 * @property {string} word as it was given
 * @property {string} id
 * @property {any} provider what `AuthClient.create` takes
 * @property {any} profile
 * @property {boolean} isCustom
 */

const SCRIPT = /\.[cm]?js$/i;

/**
 * @param {string} word
 * @param {import("./texts.js").Texts} texts
 * @returns {Promise<Service>}
 */
export async function service(word, texts) {
  if (Object.hasOwn(providers, word)) {
    return { word, id: word, provider: word, profile: /** @type {any} */ (providers)[word], isCustom: false };
  }
  if (!isPath(word)) throw unknownService(word, Object.keys(providers), texts);
  const { profile } = await profileIn(word, texts);
  if (typeof profile !== "object" || profile === null || typeof profile.id !== "string") {
    throw new Failure("invalid_config", texts.service.noProfile(word), { hint: texts.service.checkIt(word) });
  }
  return { word, id: profile.id, provider: profile, profile, isCustom: true };
}

/** @param {string} word @param {string[]} names @param {import("./texts.js").Texts} texts */
export function unknownService(word, names, texts) {
  return new UsageFault(texts.service.unknown(word), texts.usage.didYouMean(nearest(word, names), [...names, "./my-service.json"]));
}

/** @param {string} word */
export function isPath(word) {
  return /[\\/]/.test(word) || /\.json$/i.test(word) || SCRIPT.test(word);
}

/**
 * What a file has as a profile, whatever it is, and its text where it is JSON.
 *
 * @param {string} path
 * @param {import("./texts.js").Texts} texts
 * @returns {Promise<{ profile: any, text: string | null }>}
 */
export async function profileIn(path, texts) {
  const bytes = await file(path, texts);
  if (SCRIPT.test(path)) return { profile: await exported(path, texts), text: null };
  const text = bytes.toString("utf8").replace(/^\ufeff/, "");
  const profile = parsed(text, () => new Unparsable(texts.service.noJson(path, placeOf(text))));
  return { profile, text };
}

/** A profile that is no JSON. */
export class Unparsable extends Failure {
  /** @param {string} message */
  constructor(message) {
    super("invalid_config", message);
  }
}

/** @param {string} path @param {import("./texts.js").Texts} texts */
async function exported(path, texts) {
  let found;
  try {
    found = await import(pathToFileURL(resolve(path)).href);
  } catch (cause) {
    throw new UsageFault(texts.service.cannotImport(path, cause instanceof Error ? cause.message : ""));
  }
  const value = found.default ?? found.profile;
  if (value === undefined) throw new UsageFault(texts.service.noExport(path));
  return value;
}
