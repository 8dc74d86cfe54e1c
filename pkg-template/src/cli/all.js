/** All sessions of this user, as `--json` tells them. */
import { providers } from "../providers.js";
import { told } from "./account.js";
import { recall } from "./remembered.js";
import { service } from "./service.js";
import { isSecret } from "./settings.js";

/** @typedef {import("./account.js").Accounts} Accounts */
/** @typedef {import("./account.js").Account} Account */
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
  const client = await accounts.client({ ...account, set: { ...unsaid(account), ...account.set } }).catch(() => null);
  return client?.session ? told(account, client.session) : null;
}

/** Secrets are not remembered, and a client is not made without those it needs: to look at a session none is. @param {Account} account */
function unsaid({ service }) {
  const params = service.isCustom ? Object.entries(service.profile.params ?? {}) : [];
  return Object.fromEntries(params.filter(([name, value]) => value === "" && isSecret(service, name)).map(([name]) => [name, "-"]));
}

/** What a stored session belongs to: one of the package's own services, or a profile that somebody has signed in with. @param {Accounts} accounts @param {StoredSession} stored */
export async function known(accounts, { provider, account: name, baseUrl }) {
  const { set, path } = await recall(await accounts.store(), provider, name);
  const word = Object.hasOwn(providers, provider) ? provider : path;
  const found = word === undefined ? null : await service(word, accounts.context.texts).catch(() => null);
  // Another profile lies there now, or none.
  if (found?.id !== provider) return null;
  return { service: found, name, baseUrl: baseUrl === found.profile.baseUrl ? null : baseUrl, set };
}

/** @param {StoredSession} stored @returns {Told} */
function bare({ provider, account, subject, expiresAt, renewable }) {
  return { service: provider, account, subject, scope: [], expiresAt, renewable };
}
