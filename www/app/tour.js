/** Signs in to all five, one after the other. The page plays the user: it types the sandbox's passwords and consents. */
import { AuthClient, isAuthError } from "propusk";
import { remember } from "./clients.js";
import { serviceOf } from "./services.js";

/**
 * @param {string} id
 * @param {import("propusk").AuthClient<any>} client
 * @param {{ baseUrl: string, landing: string, step: (name: "login" | "code" | "consent") => void }} how
 * @returns {Promise<string | undefined>} who has signed in, as typed
 */
export async function signInTo(id, client, { baseUrl, landing, step }) {
  const service = serviceOf(id);
  if (service.consent) {
    step("consent");
    await consent(baseUrl, landing, service.consent);
    return undefined;
  }
  step("login");
  // Where there is an account with a second factor, it has most to show.
  const { values } = service.accounts.find(({ note }) => note === "second") ?? service.accounts[0];
  remember(id, values);
  try {
    await client.login(values);
  } catch (error) {
    if (!isAuthError(error, "second_factor_required")) throw error;
    step("code");
    await client.confirm(service.code);
  }
  return values.username;
}

/**
 * The user's part at bstats without leaving the page: the form of the consent page is sent, and the way back ends at an
 * address that this page may read. A client of its own, since its `redirectUri` is another; the page's client hears of
 * the session through the store they share.
 */
async function consent(baseUrl, landing, form) {
  const client = await AuthClient.create({ provider: "bstats", baseUrl, redirectUri: landing, storage: "session" });
  try {
    const address = await client.authorizationUrl();
    const response = await fetch(address, { method: "POST", body: new URLSearchParams(form) });
    await client.handleRedirect(response.url);
  } finally {
    client.close();
  }
}
