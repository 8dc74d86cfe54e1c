/** oidc-client-ts as a caller of APIs uses it: the user is asked for, and their token put into a header. */
import { pathToFileURL } from "node:url";
import { createRequire } from "node:module";
import { join } from "node:path";
import { installed } from "./built.mjs";

/** @param {string} token */
export async function oidc(token) {
  const entry = createRequire(join(installed(), "x.js")).resolve("oidc-client-ts");
  /** @type {any} */
  const { InMemoryWebStorage, User, UserManager, WebStorageStateStore } = await import(pathToFileURL(entry).href);
  const store = () => new WebStorageStateStore({ store: new InMemoryWebStorage() });
  const manager = new UserManager({
    authority: "https://sso.example",
    client_id: "app",
    redirect_uri: "https://app.example/",
    userStore: store(),
    stateStore: store(),
    automaticSilentRenew: false,
    monitorSession: false,
  });
  const profile = { sub: "1", iss: "https://sso.example", aud: "app", exp: 0, iat: 0 };
  const expires = Math.floor(Date.now() / 1000) + 43_199;
  await manager.storeUser(new User({ access_token: token, token_type: "Bearer", profile, expires_at: expires, session_state: null, scope: "openid" }));
  return manager;
}
