/** All that is wrong with a profile: a client is refused for the first fault, and whoever writes one wants to know of all. */
import { glue } from "#extras/glue";
import { beside, clients } from "./package.js";

/** @typedef {{ path: string, message: string }} Fault */

/** @type {Fault} */
const NO_DATA = { path: "", message: "must be JSON: well-formed text, numbers, true, false, null, lists and objects" };
/** @type {Fault} */
const AMBIGUOUS = { path: "", message: "must be JSON that everybody reads alike: each name once in an object, and well-formed text" };

/** A profile that nothing is wrong with but its address. @param {unknown} baseUrl */
const around = (baseUrl) => ({ id: "own", baseUrl, credentials: ["token"], login: { kind: "direct" }, present: { headers: { Authorization: "{token}" } } });

/**
 * @param {any} profile
 * @param {string | null} text what it was read from
 * @param {Record<string, any>} options that it will be used with
 * @returns {Promise<Fault[]>}
 */
export async function faultsOf(profile, text, options) {
  const found = await ofItsShape(profile, text);
  if (found.length > 0) return [...found, ...(found.some(({ path }) => path === "baseUrl") ? [] : await ofItsAddress(profile?.baseUrl, options))];
  return refusal(profile, options);
}

/** @param {any} profile @param {string | null} source @returns {Promise<Fault[]>} */
async function ofItsShape(profile, source) {
  const { faults, instantiate } = glue((task) => task());
  await instantiate(await beside("extras.wasm"));
  const text = written(profile);
  const told = text === undefined ? undefined : faults(text);
  if (told === undefined) return [NO_DATA];
  const found = JSON.parse(told).map((/** @type {[string, string]} */ [path, accepts]) => ({ path, message: `must be ${accepts}` }));
  return source !== null && faults(source) === undefined ? [AMBIGUOUS, ...found] : found;
}

/** What goes in a circle, or has numbers of another kind, is no data. @param {unknown} value @returns {string | undefined} */
function written(value) {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** @param {unknown} baseUrl @param {Record<string, any>} options */
async function ofItsAddress(baseUrl, { allowInsecure }) {
  if (typeof baseUrl !== "string") return [];
  return refusal(around(baseUrl), { ...(allowInsecure !== undefined && { allowInsecure }) });
}

/** What a client would be refused for. @param {any} provider @param {Record<string, any>} options @returns {Promise<Fault[]>} */
async function refusal(provider, options) {
  const { AuthClient, isAuthError } = await clients();
  try {
    const client = await AuthClient.create({ provider, ...options });
    client.close();
    return [];
  } catch (error) {
    if (!isAuthError(error)) throw error;
    const [, place = "", accepts] = /^option `(?:provider\.)?([^`]*)` (.*)$/s.exec(error.message) ?? [];
    return [{ path: place, message: accepts ?? error.message }];
  }
}
