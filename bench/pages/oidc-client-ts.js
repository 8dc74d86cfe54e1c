/** The same grant with oidc-client-ts; the password's digest is the application's there. */
import { UserManager } from "oidc-client-ts";

window.signIn = async (baseUrl, { username, password }) => {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(password)));
  const manager = new UserManager({
    authority: baseUrl,
    client_id: "cashdesk-rest-client",
    client_secret: "cashdesk-rest-client",
    redirect_uri: location.href,
    scope: "read write",
    omitScopeWhenRequesting: true,
    metadata: { issuer: baseUrl, token_endpoint: `${baseUrl}/oauth/token` },
  });
  const { access_token: token } = await manager.signinResourceOwnerCredentials({
    username,
    password: btoa(String.fromCharCode(...digest)),
    skipUserInfo: true,
  });
  return token;
};
