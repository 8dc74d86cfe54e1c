/**
 * What a page does until it has its first token, with a copy of the engine that notes what of it has run. Prints the numbers of
 * that: it makes the half of the module that every page loads at once.
 *
 *     node pkg-template/first.mjs <module> <glue> <what the module calls to note something>
 */
import { readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { FIRST } from "./src/load/first.js";

const [modulePath, gluePath, note] = process.argv.slice(2);

/** The same moment for each build: what runs decides what the module consists of. */
const NOW = Date.UTC(2026, 10, 27, 12);
Date.now = () => NOW;

const TOKENS = { access_token: "access", token_type: "bearer", refresh_token: "refresh", expires_in: 43199, scope: "read write" };
/** What Smart Satu tells of a user, and Invoicebox of a token. */
const USER = {
  id: 84, email: "user@domain.ru", phone: "+77000000000", username: "user", role: 2, is_document: false, currency: "\u0442\u0433", price_radix: " ",
  price_pattern: "### ###.## \u0442\u0433", access_token: "access", access_token_expiration_time: NOW / 1000 + 86_400,
  time_zone_offset: 21600, country: "kz", direction: "Food", url_api: "https://api.smartsatu.com",
};
const HOLDER = { data: { userId: "01771533-8e75-3234-8e3d-9213ae2d7c52", profile: null, accessToken: null }, extendedData: [] };
/** With the members in another order. @param {object} value */
const sorted = (value) => JSON.stringify(value, ["data", ...Object.keys(HOLDER.data), ...Object.keys(USER), "extendedData"].sort());
const LONG = "eyJhbGciOiJSUzI1NiJ9.".repeat(40);

/**
 * Who signs in to what, and what that service answers: as documents say, and as what is beside them may be.
 *
 * @type {{ options: { provider: string } & Record<string, unknown>, credentials: object, answer: string, headers?: Record<string, string> }[]}
 */
const LOGINS = [
  {
    options: { provider: "bifit-kassa" },
    credentials: { username: "79990000001", password: "password" },
    answer: JSON.stringify({ ...TOKENS, user_id: 7 }),
    // Of another origin a page sees no more than that.
    headers: { "content-type": "application/json" },
  },
  {
    options: { provider: "bifit-kassa", baseUrl: "http://127.0.0.1:8080/cashdesk-api/v1/", timeout: 20_000, account: "main" },
    credentials: { username: "+7 (999) 000-00-01", password: "\u043F\u0430\u0440\u043E\u043B\u044C &=+%\"" },
    answer: `{ "access_token" : "${LONG}", "refresh_token": "${LONG}x", "expires_in": "3600", "user_id": "7", "2user_id": null, "token_type": "Bearer" }\n`,
  },
  {
    options: { provider: "mobile-smarts", baseUrl: "/smarts" },
    credentials: { username: "user@domain.ru", password: "password" },
    // As the vendor's page has it.
    answer: '{\n  Access_token:"access",\n  Token_type:"bearer",\n  Expires_in:86400,\n  Refresh_token:"refresh",\n}',
  },
  {
    options: { provider: "smart-satu", country: "kz" },
    credentials: { username: "user", password: "password" },
    answer: JSON.stringify(USER),
  },
  {
    options: { provider: "smart-satu" },
    credentials: { username: "user@domain.ru", password: "password" },
    answer: sorted({ ...USER, access_token_expiration_time: String(USER.access_token_expiration_time) }),
  },
  { options: { provider: "invoicebox" }, credentials: { token: "b37c4c689295904ed21eee5d9a48d42e" }, answer: JSON.stringify(HOLDER) },
  { options: { provider: "invoicebox", baseUrl: "http://127.0.0.1:8080" }, credentials: { token: "12345-API:b37c4c689295904ed21eee5d9a48d42e" }, answer: sorted(HOLDER) },
];

const bundle = join(dirname(gluePath), "noting.mjs");
await build({
  entryPoints: [fileURLToPath(new URL("src/entry/slim.js", import.meta.url))],
  outfile: bundle,
  bundle: true,
  format: "esm",
  platform: "neutral",
  define: { __VERSION__: '""' },
  logLevel: "warning",
  plugins: [{ name: "glue", setup: ({ onResolve }) => onResolve({ filter: /^#\w+\/glue$/ }, () => ({ path: gluePath })) }],
});

/** @type {Set<number>} */
const ran = new Set();
const { instantiate } = WebAssembly;
WebAssembly.instantiate = /** @type {any} */ (
  (/** @type {any} */ source, /** @type {any} */ imports) =>
    instantiate(source, { ...imports, [note]: { [note]: (/** @type {number} */ number) => void ran.add(number) } })
);

// What is left of a page for a client.
Object.assign(globalThis, { document: { visibilityState: "visible" }, location: { href: "https://app.example/" } });
const { AuthClient, ready } = await import(pathToFileURL(bundle).href);
await ready(await readFile(modulePath));
WebAssembly.instantiate = instantiate;
if (`${[...new Set(LOGINS.map(({ options }) => options.provider))]}` !== `${FIRST}`) throw new Error("src/load/first.js names other services");

/** @type {Map<string, string>} */
const kept = new Map();
const storage = {
  get: async (/** @type {string} */ key) => kept.get(key) ?? null,
  set: async (/** @type {string} */ key, /** @type {string} */ value) => void kept.set(key, value),
  delete: async (/** @type {string} */ key) => void kept.delete(key),
  withLock: (/** @type {string} */ _, /** @type {() => Promise<any>} */ task) => task(),
};
// A page may have several clients, and keep what they have until it is opened again.
const [closed, last] = [{}, { storage }];
for (const own of [closed, {}, {}, { storage }, { storage }, last]) {
  for (const { options, credentials, answer, headers } of LOGINS) {
    const all = headers ?? { "content-type": "application/json;charset=UTF-8", date: new Date(NOW).toUTCString() };
    const fetch = async () => new Response(answer, { headers: all });
    const client = await AuthClient.create({ fetch, ...own, ...options });
    if (!client.session) await client.login(credentials);
    if (!(await client.getAccessToken())) throw new Error(`${client.provider} gives no token`);
    await client.fetch("goods");
    if (own === last) await client.logout();
    if (own !== closed) continue;
    await client.logout();
    await client.login(credentials);
    client.close();
  }
}
await rm(bundle);

console.log(JSON.stringify([...ran]));
