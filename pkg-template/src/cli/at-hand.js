/**
 * A token that lies in the store and is good for long enough: a script that asks for it each time need not start the module each
 * time. Whatever is not as plain as that (options on the command line, a record of another form, an end that is near) is the client's.
 */
import { createHash } from "node:crypto";

/** The form of records that is read here. */
const FORM = 2;

/** Tokens are renewed when less than this is left, unless the option `refreshBefore` says more. Milliseconds. */
const MARGIN = 60_000;

/**
 * @param {import("./account.js").Account} account
 * @param {import("../../types/node.js").FileStore} store
 * @param {number} minValidity milliseconds
 * @returns {Promise<{ token: string, expiresAt: number | null } | null>}
 */
export async function tokenAtHand({ service, name, baseUrl, set }, store, minValidity) {
  const { id, profile, isCustom } = service;
  const base = hrefOf(baseUrl ?? profile.baseUrl);
  if (isCustom || base === null) return null;
  const binding = [id, base, set.clientId ?? profile.params?.client_id ?? "", name];
  const record = read(await store.get(keyOf(binding)));
  if (record?.v !== FORM || !isSame(record.for, binding) || typeof record.access !== "string" || !/^[!-~]+$/.test(record.access)) return null;
  const { access: token, expires, obtained } = record;
  if (expires === null) return { token, expiresAt: null };
  if (!Number.isSafeInteger(expires) || !Number.isSafeInteger(obtained)) return null;
  // A clock that was set back makes no token last longer.
  const left = Math.min(expires - Date.now(), expires - obtained);
  return left > Math.max(minValidity, MARGIN, Number(set.refreshBefore ?? 0)) ? { token, expiresAt: expires } : null;
}

/** Null: it is for the client to refuse. @param {string} text */
function hrefOf(text) {
  if (!URL.canParse(text)) return null;
  const { protocol, hostname, href } = new URL(text);
  const isSafe = protocol === "https:" || (protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(hostname));
  return isSafe ? href.replace(/\/+$/, "") : null;
}

/** As the module makes it: provider, account, and a digest of what a session is bound to. @param {string[]} binding */
function keyOf(binding) {
  const [id, , , account] = binding;
  const digest = createHash("sha256").update(binding.join("\n")).digest("base64url");
  const written = (/** @type {string} */ text) => encodeURIComponent(text).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
  return `propusk:${written(id)}:${written(account)}:${digest.slice(0, 16)}`;
}

/** @param {string | null} text @returns {any} */
function read(text) {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}

/** @param {unknown} bound @param {string[]} binding */
function isSame(bound, binding) {
  return Array.isArray(bound) && bound.length === binding.length && binding.every((part, at) => bound[at] === part);
}
