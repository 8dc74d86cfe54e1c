/** Signs in to all five, one after the other. The page plays the user: it types the sandbox's passwords and consents. */
import { isAuthError } from "propusk";
import { remember } from "./clients.js";
import { serviceOf } from "./services.js";

/**
 * @param {string} id
 * @param {import("propusk").AuthClient<any>} client
 * @param {{ control: ReturnType<typeof import("./sandbox.js").controlOf>, step: (name: "login" | "code" | "consent") => void }} how
 * @returns {Promise<string | undefined>} who has signed in, as typed
 */
export async function signInTo(id, client, { control, step }) {
  const service = serviceOf(id);
  if (service.consent) {
    step("consent");
    // What `loginWithRedirect` does, but for the leaving.
    await client.handleRedirect(await control.consent(await client.authorizationUrl(), service.consent));
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
