/** One client for each service. This is the part of the page that an application of yours would have, too. */
import { AuthClient } from "propusk";

/** Smart Satu has no refresh tokens: to renew is to log in again. Kept in this variable only, and gone with the page. */
let smartSatu = null;

/** @param {any} credentials */
export function remember(id, credentials) {
  if (id === "smart-satu") smartSatu = credentials;
}

/**
 * @param {Record<string, { baseUrl: string }>} services where this page's server has them
 * @param {Partial<import("propusk").CommonOptions>} common what all clients share
 * @returns {Promise<Map<string, AuthClient<any>>>}
 */
export async function openClients(services, common) {
  const options = {
    "bifit-kassa": {},
    invoicebox: {},
    "mobile-smarts": {},
    bstats: { redirectUri: location.origin + location.pathname },
    "smart-satu": { credentials: () => smartSatu },
  };
  const open = Object.entries(options).map(async ([provider, own]) => {
    const { baseUrl } = services[provider];
    /** @type {any} */
    const all = { provider, baseUrl, storage: "session", autoRefresh: true, ...common, ...own };
    return /** @type {const} */ ([provider, await AuthClient.create(all)]);
  });
  return new Map(await Promise.all(open));
}
