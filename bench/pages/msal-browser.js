/** As far as @azure/msal-browser goes without its own server: a client is made, and a token asked for that nobody is signed in for. */
import { createStandardPublicClientApplication } from "@azure/msal-browser";

window.signIn = async () => {
  const client = await createStandardPublicClientApplication({ auth: { clientId: "00000000-0000-4000-8000-000000000000", authority: "https://login.microsoftonline.com/common" } });
  return client.acquireTokenSilent({ scopes: ["read"] }).then(({ accessToken }) => accessToken, (error) => error.errorCode);
};
