/**
 * What the page has just done, as a program of yours: whole, with its import, against the same service. Secrets come from
 * the environment, as they should.
 */

const PASSWORD = { username: null, password: "process.env.PASSWORD" };

/** @type {Record<string, { secrets: string[], options?: string, signIn?: object }>} */
const WAYS = {
  "bifit-kassa": { secrets: ["PASSWORD"], signIn: PASSWORD },
  invoicebox: { secrets: ["TOKEN"], signIn: { token: "process.env.TOKEN" } },
  "mobile-smarts": { secrets: ["PASSWORD"], signIn: PASSWORD },
  bstats: { secrets: [] },
  "smart-satu": { secrets: ["PASSWORD"], signIn: PASSWORD },
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
 * @returns {{ code: string, secrets: string }} `secrets`: how the environment has to be set
 */
export function codeOf(id, action, { baseUrl, api, failing, username, outage }) {
  const asked = action.startsWith("outage") ? (outage === "refresh" ? "outage" : `outage ${outage}`) : action;
  const isSecond = asked === "confirm";
  const { secrets, signIn } = WAYS[id];
  const address = asked === "fail" ? failing ?? api : api;
  // Below the base, as one would write it.
  const rest = ACTIONS[asked](address.startsWith(`${baseUrl}/`) && id !== "smart-satu" ? address.slice(baseUrl.length + 1) : address);
  const names = ["AuthClient", ...(isSecond || rest.includes("isAuthError") ? ["isAuthError"] : [])];
  const head = `import { ${names.join(", ")} } from "propusk";\n`;
  const code = head + (signIn ? byPassword(id, baseUrl, objectOf(signIn, username), isSecond) : byRedirect(baseUrl));
  const needed = [...secrets, ...(isSecond ? ["CODE"] : [])];
  return { code: `${code}${rest}\nclient.close();`, secrets: needed.map((name) => `${name}=…`).join(" ") };
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
  await client.confirm(process.env.CODE);
}
`;

/** The user's browser comes back to a server of the program's own. */
const byRedirect = (baseUrl) => `import { createServer } from "node:http";

const redirectUri = "http://127.0.0.1:8765/";
const client = await AuthClient.create({
  provider: "bstats",
  baseUrl: "${baseUrl}",
  redirectUri,
});
await new Promise((resolve, reject) => {
  const server = createServer(async (request, response) => {
    const address = new URL(request.url, redirectUri);
    const result = await client.handleRedirect(address).catch(reject);
    response.end(result ? "You may close this window." : "");
    if (result) resolve(server.close());
  });
  server.listen(8765, "127.0.0.1", async () => {
    console.log("Open", await client.authorizationUrl());
  });
});
`;
