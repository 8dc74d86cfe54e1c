/** As far as @auth0/auth0-spa-js goes without its own server: to the address that the user is sent to. */
import { createAuth0Client } from "@auth0/auth0-spa-js";

window.signIn = async () => {
  const client = await createAuth0Client({ domain: "tenant.example", clientId: "app", authorizationParams: { redirect_uri: location.href } });
  return new Promise((resolve, reject) => client.loginWithRedirect({ openUrl: resolve }).catch(reject));
};
