// One login per service, written against the contract alone; the test compiles it, and runs it against the sandbox.
import { AuthClient, isAuthError, type AuthError, type Session, type TraceRecord } from "propusk";

declare const process: { readonly argv: readonly string[] };

interface Services {
  readonly [service: string]: { readonly baseUrl: string };
}

const services = JSON.parse(process.argv[2] ?? "{}") as Services;
const address = (service: string): string => services[service]?.baseUrl ?? "";
const traced: TraceRecord[] = [];
const common = {
  onTrace: (record: TraceRecord) => void traced.push(record),
  onWarning: (error: AuthError) => console.error(error.code),
};

async function kassa(): Promise<Session> {
  using client = await AuthClient.create({ provider: "bifit-kassa", baseUrl: address("bifit-kassa"), ...common });
  try {
    await client.login({ username: "79990000002", password: "secret" });
  } catch (error) {
    if (!isAuthError(error, "second_factor_required")) throw error;
    return await client.confirm("123456");
  }
  throw new Error("no second step was asked for");
}

async function invoicebox(): Promise<Session> {
  using client = await AuthClient.create({ provider: "invoicebox", baseUrl: address("invoicebox"), version: "l3", ...common });
  const session = await client.login({ token: "29078-API:b37c4c689295904ed21eee5d9a48d42e" });
  const { subject } = await client.check();
  if (subject !== session.subject) throw new Error("two subjects");
  return session;
}

async function mobileSmarts(): Promise<Session> {
  using client = await AuthClient.create({ provider: "mobile-smarts", baseUrl: address("mobile-smarts"), method: "session-post", ...common });
  await client.login({ username: "user@domain.ru", password: "123456" });
  const session = await client.refresh();
  const response: Response = await client.fetch("/api/v1/goods");
  if (!response.ok) throw new Error(String(response.status));
  return session;
}

async function bstats(): Promise<Session> {
  using client = await AuthClient.create({ provider: "bstats", baseUrl: address("bstats"), redirectUri: "http://127.0.0.1:5173/callback", ...common });
  const page: string = await client.authorizationUrl({ returnTo: "/orders" });
  const body = new URLSearchParams({ login: "demo", password: "demo", decision: "allow" });
  const answer = await fetch(page, { method: "POST", body, redirect: "manual" });
  const result = await client.handleRedirect(answer.headers.get("location") ?? "");
  if (result === null) throw new Error("no callback");
  const returnTo: string | null = result.returnTo;
  if (returnTo !== "/orders") throw new Error("another place");
  return result.session;
}

async function smartSatu(): Promise<Session> {
  const credentials = { username: "supplier", password: "qwerty" };
  using client = await AuthClient.create({
    provider: "smart-satu",
    baseUrl: address("smart-satu"),
    country: "kz",
    credentials: () => credentials,
    ...common,
  });
  await client.login(credentials);
  const token: string = await client.getAccessToken({ minValidity: 1000, forceRefresh: true });
  if (token === "") throw new Error("no token");
  return client.session ?? client.refresh();
}

const sessions = [];
for (const login of [kassa, invoicebox, mobileSmarts, bstats, smartSatu]) sessions.push(await login());
console.log(JSON.stringify(sessions.map(({ provider, subject, renewable }) => ({ provider, subject, renewable }))));
if (traced.some(({ error }) => error !== null && error !== "second_factor_required")) throw new Error("something failed on the way");
