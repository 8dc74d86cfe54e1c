/**
 * What `login` was told, so that later commands need not be: the base URL, what was set, without secrets, and where a profile of
 * the user's own lies. It is in the store beside the sessions, with their rights, by service and account.
 */
import { resolve } from "node:path";
import { isSecret } from "./settings.js";

/** @typedef {{ baseUrl: string | null, set: import("./settings.js").Settings, path?: string }} Remembered */

/** Under it no session can lie. @param {string} id @param {string} account */
const keyOf = (id, account) => `propusk-cli:${encodeURIComponent(id)}:${encodeURIComponent(account)}`;

/**
 * @param {import("../../types/node.js").FileStore} store
 * @param {string} id
 * @param {string} account
 * @returns {Promise<Remembered>}
 */
export async function recall(store, id, account) {
  /** @type {Remembered} */
  const nothing = { baseUrl: null, set: {} };
  const text = await store.get(keyOf(id, account));
  if (text === null) return nothing;
  try {
    const { baseUrl, set, profile } = JSON.parse(text);
    const isText = (/** @type {unknown} */ value) => typeof value === "string";
    if (typeof set !== "object" || set === null || !Object.values(set).every(isText)) return nothing;
    return { baseUrl: isText(baseUrl) ? baseUrl : null, set, ...(isText(profile) && { path: profile }) };
  } catch {
    return nothing;
  }
}

/**
 * @param {import("../../types/node.js").FileStore} store
 * @param {import("./service.js").Service} service
 * @param {string} account
 * @param {Remembered} what
 */
export async function remember(store, service, account, { baseUrl, set }) {
  const kept = Object.fromEntries(Object.entries(set).filter(([name, text]) => text !== "" && !isSecret(service, name)));
  const key = keyOf(service.id, account);
  if (baseUrl === null && Object.keys(kept).length === 0 && !service.isCustom) return store.delete(key);
  return store.set(key, JSON.stringify({ baseUrl, set: kept, ...(service.isCustom && { profile: resolve(service.word) }) }));
}
