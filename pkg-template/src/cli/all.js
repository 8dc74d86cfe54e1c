/** All sessions of this user, as `--json` tells them. */
import { providers } from "../providers.js";
import { told } from "./account.js";
import { recall } from "./remembered.js";

/** @typedef {import("./account.js").Accounts} Accounts */
/** @typedef {import("./account.js").StoredSession} StoredSession */
/** @typedef {{ service: string, account: string, subject: string | null, scope: readonly string[], expiresAt: number | null, renewable: boolean }} Told */

/** @param {Accounts} accounts @returns {Promise<Told[]>} */
export async function all(accounts) {
  const found = [];
  for (const stored of await accounts.stored()) found.push((await opened(accounts, stored)) ?? bare(stored));
  return found;
}

/** As a client of it has it, where one can be made of what is known here. @param {Accounts} accounts @param {StoredSession} stored */
async function opened(accounts, stored) {
  const account = await known(accounts, stored);
  if (!account) return null;
  const client = await accounts.client(account).catch(() => null);
  return client?.session ? told(account, client.session) : null;
}

/** What a stored session belongs to, where it is one of the package's own services. @param {Accounts} accounts @param {StoredSession} stored */
export async function known(accounts, { provider, account: name, baseUrl }) {
  if (!Object.hasOwn(providers, provider)) return null;
  const profile = /** @type {any} */ (providers)[provider];
  const { set } = await recall(await accounts.store(), provider, name);
  const service = { word: provider, id: provider, provider, profile, isCustom: false };
  return { service, name, baseUrl: baseUrl === profile.baseUrl ? null : baseUrl, set };
}

/** @param {StoredSession} stored @returns {Told} */
function bare({ provider, account, subject, expiresAt, renewable }) {
  return { service: provider, account, subject, scope: [], expiresAt, renewable };
}
