// Every method of the contract, and what each gives.
import { AuthClient, AuthError, isAuthError, providers } from "propusk";
import type {
  AuthClientOptions, AuthErrorCode, CallOptions, Credentials, CredentialsOf, Identity, PasswordCredentials, ProviderId, ProviderProfile, RedirectOptions,
  RedirectResult, Session, SessionChange, TokenCredentials, TokenStore, TraceRecord,
} from "propusk";

/** Compiles only if both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : never;
export function same<A, B>(_: Same<A, B>): void {}

same<CredentialsOf<"bifit-kassa">, PasswordCredentials>(true);
same<CredentialsOf<"mobile-smarts">, PasswordCredentials>(true);
same<CredentialsOf<"smart-satu">, PasswordCredentials>(true);
same<CredentialsOf<"invoicebox">, TokenCredentials>(true);
same<CredentialsOf<"bstats">, never>(true);
same<CredentialsOf<ProviderProfile>, Credentials>(true);
same<SessionChange, "login" | "refresh" | "restore" | "sync" | "expire" | "logout">(true);
same<ProviderId, "bifit-kassa" | "invoicebox" | "mobile-smarts" | "bstats" | "smart-satu">(true);
same<ProviderId, keyof typeof providers>(true);

export async function every(client: AuthClient<"bifit-kassa">, signal: AbortSignal): Promise<void> {
  const call: CallOptions = { signal, timeout: 5000 };
  const redirect: RedirectOptions = { ...call, returnTo: "/" };
  const provider: string = client.provider;
  const current: Session | null = client.session;
  const stop: () => void = client.subscribe((session: Session | null, reason: SessionChange) => void [session, reason]);
  stop();
  let session: Session = await client.login({ username: "7", password: "x" }, call);
  session = await client.confirm("1", call);
  session = await client.refresh(call);
  session = await client.refresh();
  const address: string = await client.authorizationUrl(redirect);
  if (address === "never") await client.loginWithRedirect(redirect).then((value: never) => value);
  const results: (RedirectResult | null)[] = [await client.handleRedirect(), await client.handleRedirect(address, call), await client.handleRedirect(new URL(address))];
  const token: string = await client.getAccessToken({ ...call, minValidity: 1, forceRefresh: false });
  const responses: Response[] = [
    await client.fetch("x"),
    await client.fetch(new URL("https://x.example"), { method: "POST", body: new FormData(), signal }),
    await client.fetch(new Request("https://x.example")),
  ];
  const problems: (AuthError | null)[] = await Promise.all(responses.map((response) => client.problem(response)));
  const identity: Identity = await client.check(call);
  const subject: string = identity.subject;
  const done: void = await client.logout({ ...call, revoke: false });
  client.close();
  client[Symbol.dispose]();
  void [provider, current, session, results, token, problems, subject, done];
}

export function shown({ provider, subject, scope, expiresAt, renewable, details }: Session): string {
  const text: string = provider + (subject ?? "") + scope.join() + (expiresAt ?? 0).toFixed() + (renewable ? "+" : "-");
  const currency: unknown = details["currency"];
  return text + String(currency);
}

export function told(error: unknown): string | null {
  if (!isAuthError(error)) return null;
  const typed: AuthError = error;
  const name: "AuthError" = typed.name;
  const code: AuthErrorCode = typed.code;
  const numbers: (number | null)[] = [typed.status, typed.retryAfter];
  const texts: (string | null)[] = [typed.provider, typed.providerCode, typed.providerMessage, typed.hint];
  const retryable: boolean = typed.retryable;
  const json: Record<string, unknown> = typed.toJSON();
  const general: Error = typed;
  if (isAuthError(error, "network")) return String(error.cause);
  return [name, code, ...numbers, ...texts, retryable, json, general.message].join();
}

/** Each code once: a code that is missing or new does not compile. */
export const CODES: Record<AuthErrorCode, true> = {
  invalid_config: true, invalid_input: true, insecure_url: true, origin_not_allowed: true, unsupported: true, closed: true,
  invalid_credentials: true, second_factor_required: true, invalid_second_factor: true, access_denied: true, login_required: true,
  state_mismatch: true, redirect_unexpected: true, code_expired: true, issuer_mismatch: true,
  invalid_token: true, invalid_client: true, invalid_request: true, invalid_scope: true, unsupported_grant_type: true, insufficient_scope: true,
  rate_limited: true, server_error: true, invalid_response: true,
  network: true, timeout: true, aborted: true, storage: true,
};

export const plain: TokenStore = { get: () => null, set: () => {}, delete: () => {} };
export const whole: TokenStore = {
  get: async (key: string) => key,
  set: async (key: string, value: string) => void [key, value],
  delete: async () => {},
  withLock: async <T>(_key: string, task: () => Promise<T>, options?: { signal?: AbortSignal }): Promise<T> => (options?.signal?.throwIfAborted(), task()),
  watch: (_key, listener) => (listener(), () => {}),
};

export const options: AuthClientOptions[] = [
  {
    provider: "bifit-kassa", baseUrl: "https://x.example", storage: whole, account: "a", credentials: async (reason: AuthErrorCode) => (reason === "network" ? null : { username: "u", password: "p" }),
    allowedOrigins: ["https://y.example"] as const, allowInsecure: false, refreshBefore: 0, autoRefresh: true, timeout: 1, retries: 0, fetch: globalThis.fetch, now: () => 0,
    onTrace: ({ provider, purpose, method, url, status, duration, attempt, error }: TraceRecord) => void [provider, purpose, method, url, status, duration, attempt, error],
    onWarning: (error) => void error.code,
    clientId: "c", clientSecret: "s", passwordEncoding: "base64url",
    secondFactor: { when: [{ status: [400, 401], path: "error", oneOf: ["mfa", 1, true, null] }], request: { url: "oauth/token", form: { code: "{second_factor}" } } },
  },
  { provider: "invoicebox", version: "v3", userAgent: "x", storage: "memory" },
  { provider: "mobile-smarts", baseUrl: "https://x.example", method: "basic", basicEncoding: "plain", anonymous: true, tokenPath: "/x", clientId: "c", clientSecret: "s", storage: "local" },
  { provider: "bstats", redirectUri: "https://app.example", clientId: "c", clientName: "n", scope: "s", format: "xml", storage: "session" },
  { provider: "smart-satu", direction: "d", country: "kz", presentation: "bearer", storage: plain },
  { provider: providers["smart-satu"], params: { direction: "food" }, redirectUri: "https://app.example" },
];
