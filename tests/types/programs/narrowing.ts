// What `create` knows of a provider decides what `login` takes.
import { AuthClient, providers } from "propusk";
import type { AuthClientOptions, BifitKassaOptions, CredentialsOf, ProviderId, ProviderProfile } from "propusk";

const redirectUri = "https://app.example/callback";

export async function right(id: ProviderId): Promise<void> {
  const kassa = await AuthClient.create({ provider: "bifit-kassa" });
  await kassa.login({ username: "79990000001", password: "secret" });
  const invoicebox = await AuthClient.create({ provider: "invoicebox" });
  await invoicebox.login({ token: "x" });
  const smarts = await AuthClient.create({ provider: "mobile-smarts", baseUrl: "https://localhost:9000" });
  await smarts.login({ username: "u", password: "p" });
  const satu = await AuthClient.create({ provider: "smart-satu" });
  await satu.login({ username: "u", password: "p" });
  const own = await AuthClient.create({ provider: PROFILE, params: { client_id: "x" } });
  await own.login({ username: "u", pin: "1" });
  await own.login({});
  const client: AuthClient = kassa as unknown as AuthClient;
  await client.login({ anything: id });
  const any: AuthClient<any> = kassa;
  void any;
}

export const PROFILE: ProviderProfile = {
  id: "own",
  baseUrl: "https://own.example",
  params: { client_id: "default" },
  credentials: ["username", "pin"],
  login: { kind: "request", request: { url: "login", method: "PUT", json: { user: "{username}", pin: "{pin|sha256|hex}" }, headers: { "x-own": "{{" }, basic: { username: "{client_id}", encode: "form" } } },
  renew: { url: "renew", form: { token: "{refresh_token}" } },
  revoke: { url: "revoke", query: { token: "{access_token|percent}" } },
  check: { request: { method: "GET", url: "me" }, subject: "data.0.id" },
  secondFactor: { when: { status: 401, path: "code", equals: "mfa", present: true }, request: { url: "mfa", json: { code: "{second_factor}" } } },
  answer: { format: "json", accessToken: "t", refreshToken: "r", tokenType: "y", scope: "s", subject: "u", apiBase: "b", expires: { at: "e", unit: "iso8601" }, require: [{ path: "ok", equals: true }], lenient: true, root: "r" },
  problem: { code: ["error.code"], message: ["error.text"], map: { "status:418": "rate_limited", E1: "invalid_credentials" } },
  present: { headers: { Authorization: "Token {access_token}" }, query: { v: "1" }, expired: [401, 419] },
};

export const REDIRECT: ProviderProfile = {
  id: "redirecting",
  baseUrl: "https://own.example",
  credentials: [],
  login: { kind: "redirect", authorize: { url: "auth", query: { client_id: "x" }, pkce: true, echoesState: true, issuer: "https://own.example", lifetime: 1 }, exchange: { url: "token", form: {} } },
  answer: { expires: "never" },
  present: { basic: { username: "{access_token}", password: "" } },
};

export const LIVES: ProviderProfile["answer"][] = [{ expires: { in: "expires_in" } }, { expires: { after: 60 } }, { expires: { at: "at" } }, undefined];
export const DIRECT: ProviderProfile = { ...providers.invoicebox, id: "other", login: { kind: "direct" } };

export async function wrong(): Promise<void> {
  const kassa = await AuthClient.create({ provider: "bifit-kassa" });
  // @ts-expect-error: a token is for Invoicebox
  await kassa.login({ token: "x" });
  // @ts-expect-error: no password
  await kassa.login({ username: "x" });
  // @ts-expect-error: one field too many
  await kassa.login({ username: "x", password: "y", otp: "1" });
  // @ts-expect-error: a number is no password
  await kassa.login({ username: "x", password: 5 });
  const invoicebox = await AuthClient.create({ provider: "invoicebox" });
  // @ts-expect-error: Invoicebox takes a token
  await invoicebox.login({ username: "x", password: "y" });
  const bstats = await AuthClient.create({ provider: "bstats", redirectUri });
  // @ts-expect-error: bstats signs in by redirect
  await bstats.login({ username: "x", password: "y" });
  // @ts-expect-error: the session is read only
  kassa.session = null;
  // @ts-expect-error: and so is the provider
  kassa.provider = "x";
  if (kassa.session) {
    // @ts-expect-error: what is in the session, too
    kassa.session.subject = "x";
    // @ts-expect-error: and in its lists
    kassa.session.scope.push("x");
    // @ts-expect-error: and in its details
    kassa.session.details["x"] = 1;
  }
  // @ts-expect-error: there is no such provider
  await AuthClient.create({ provider: "none" });
  // @ts-expect-error: no provider at all
  await AuthClient.create({});
  // As a value of its own; what is given to `create` and `lazy` directly is in tests/types/programs.test.mjs.
  // @ts-expect-error: no such option
  const unknown: AuthClientOptions = { provider: "bifit-kassa", bogus: 1 };
  // @ts-expect-error: an option of another provider
  const another: BifitKassaOptions = { provider: "bifit-kassa", redirectUri };
  // @ts-expect-error: Mobile SMARTS is on the customer's own server
  await AuthClient.create({ provider: "mobile-smarts" });
  // @ts-expect-error: bstats sends the user back to somewhere
  await AuthClient.create({ provider: "bstats" });
  // @ts-expect-error: no such method
  await AuthClient.create({ provider: "mobile-smarts", baseUrl: "https://x.example", method: "get" });
  // @ts-expect-error: no such storage
  await AuthClient.create({ provider: "bifit-kassa", storage: "disk" });
  // @ts-expect-error: a store without `delete`
  await AuthClient.create({ provider: "bifit-kassa", storage: { get: () => null, set: () => {} } });
  // @ts-expect-error: milliseconds are a number
  await AuthClient.create({ provider: "bifit-kassa", timeout: "5s" });
  // @ts-expect-error: no such call option
  await kassa.refresh({ force: true });
  // @ts-expect-error: no such reason
  kassa.subscribe((_, reason) => reason === "renew");
  // @ts-expect-error: credentials by name
  const credentials: CredentialsOf<"smart-satu"> = { login: "x", password: "y" };
  // @ts-expect-error: two ways in
  const profile: ProviderProfile = { ...PROFILE, login: { kind: "both" } };
  // @ts-expect-error: frozen
  providers.bstats = PROFILE;
  void [credentials, profile, unknown, another];
}
