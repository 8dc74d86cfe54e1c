/**
 * What the page has just done, as a module script of a page of yours: whole, with its import, and with what the server of
 * that page needs, which has the service behind the page's own origin. Secrets are asked for: no page has them written down.
 */
import { MOUNTS } from "./mounts.js";

const PASSWORD = { username: null, password: 'prompt("Password")' };

/**
 * - `provider`, `relay`: options of the server's relay besides those that all have
 *
 * @type {Record<string, { signIn?: object, provider?: string, relay?: string }>}
 */
const WAYS = {
  "bifit-kassa": { signIn: PASSWORD },
  invoicebox: { signIn: { token: 'prompt("Token")' } },
  "mobile-smarts": { signIn: PASSWORD, provider: ', baseUrl: "https://warehouse.example"' },
  bstats: { provider: ', redirectUri: "https://yours.example/page"' },
  "smart-satu": { signIn: PASSWORD, relay: ', apiBase: "https://food.smartsatu.com/api"' },
};

/** What follows the sign-in, by action. @type {Record<string, (api: string) => string>} */
const ACTIONS = {
  login: () => "console.log(client.session);",
  confirm: () => "console.log(client.session);",
  logout: () => "await client.logout();\nconsole.log(client.session);",
  call: (api) => `
const response = await client.fetch("${api}");
const problem = await client.problem(response);
if (problem) throw problem;
console.log(response.status, await response.text());`,
  fail: (api) => `
const response = await client.fetch("${api}");
const problem = await client.problem(response);
console.log(response.status, problem?.code);`,
  renew: () => "\nconst { expiresAt } = await client.refresh();\nconsole.log(new Date(expiresAt));",
  check: () => "\nconst { subject } = await client.check();\nconsole.log(subject);",
  storm: (api) => `
const calls = Array.from({ length: 1000 }, () => client.fetch("${api}"));
const answers = await Promise.all(calls);
console.log(answers.filter(({ ok }) => ok).length);`,
  outage: () => `
try {
  await client.refresh();
} catch (error) {
  if (!isAuthError(error) || !error.retryable) throw error;
  console.log(error.code, "- the session is as it was:", client.session);
}`,
  "outage check": () => `
try {
  await client.check();
} catch (error) {
  if (!isAuthError(error) || !error.retryable) throw error;
  console.log(error.code, "- the session is as it was:", client.session);
}`,
  "outage call": (api) => `
const response = await client.fetch("${api}");
const problem = await client.problem(response);
console.log(response.status, problem?.code, problem?.retryable);`,
};

/**
 * @param {string} id
 * @param {string} action
 * @param {{ baseUrl: string, api: string, failing?: string, username?: string, outage?: string }} where
 */
export function codeOf(id, action, { baseUrl, api, failing, username, outage }) {
  const asked = action.startsWith("outage") ? (outage === "refresh" ? "outage" : `outage ${outage}`) : action;
  const isSecond = asked === "confirm";
  const { signIn } = WAYS[id];
  const rest = ACTIONS[asked](asked === "fail" ? failing ?? api : api);
  const names = ["AuthClient", ...(isSecond || rest.includes("isAuthError") ? ["isAuthError"] : [])];
  const head = `${relayOf(id, baseUrl)}import { ${names.join(", ")} } from "propusk";\n`;
  const code = head + (signIn ? byPassword(id, baseUrl, objectOf(signIn, username), isSecond) : byRedirect(baseUrl));
  return `${code}${rest}\nclient.close();`;
}

/** What the page's own server has, in comments. */
function relayOf(id, mount) {
  const { provider = "", relay = "" } = WAYS[id];
  return `// The page's own server passes ${mount} on, with propusk/relay:
// createRelay({
//   mount: "${mount}",
//   provider: { provider: "${id}"${provider} },
//   api: ${JSON.stringify(MOUNTS[id].prefixes)}${relay},
// })
`;
}

function objectOf(signIn, username = "") {
  const members = Object.entries(signIn).map(([name, value]) => `  ${name}: ${value ?? JSON.stringify(username)},\n`);
  return `{\n${members.join("")}}`;
}

function byPassword(id, baseUrl, credentials, isSecond) {
  // There is no refresh token there: the client asks for the credentials again.
  const again = id === "smart-satu" ? ["credentials: () => credentials"] : [];
  const options = [`provider: "${id}"`, `baseUrl: "${baseUrl}"`, ...again];
  return `
const credentials = ${credentials};
const client = await AuthClient.create({
${options.map((option) => `  ${option},\n`).join("")}});
${isSecond ? WITH_SECOND_FACTOR : "await client.login(credentials);\n"}`;
}

const WITH_SECOND_FACTOR = `try {
  await client.login(credentials);
} catch (error) {
  if (!isAuthError(error, "second_factor_required")) throw error;
  await client.confirm(prompt("Code"));
}
`;

/** The script runs twice: it sends the browser away, and goes on when that is back. */
const byRedirect = (baseUrl) => `
const client = await AuthClient.create({
  provider: "bstats",
  baseUrl: "${baseUrl}",
  redirectUri: location.origin + location.pathname,
  storage: "session",
});
await client.handleRedirect();
if (!client.session) await client.loginWithRedirect();
`;
