/** From the import to the first token, in fresh processes: beside bare `fetch` that asks the same service for the same grant. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ACCOUNTS, start } from "../tests/support/sandbox.mjs";
import { installed } from "./built.mjs";
import { median, table } from "./table.mjs";

const KASSA = "bifit-kassa";
const ROUNDS = 15;

const BY_HAND = `
  const digest = createHash("sha256").update(account.password).digest("base64");
  const body = new URLSearchParams({ grant_type: "password", username: account.username, password: digest, client_id: "cashdesk-rest-client", client_secret: "cashdesk-rest-client" });
  const token = (await (await fetch(baseUrl + "/oauth/token", { method: "POST", body })).json()).access_token;`;

/** What each does between the two looks at the clock. @type {Record<string, string>} */
const WAYS = {
  "bare fetch": `
  const { createHash } = await import("node:crypto");${BY_HAND}`,
  propusk: `
  const { AuthClient } = await import("propusk");
  const client = await AuthClient.create({ provider: "bifit-kassa", baseUrl });
  await client.login(account);
  const token = await client.getAccessToken();`,
  "oidc-client-ts": `
  const { createHash } = await import("node:crypto");
  const { InMemoryWebStorage, UserManager, WebStorageStateStore } = await import("oidc-client-ts");
  const store = () => new WebStorageStateStore({ store: new InMemoryWebStorage() });
  const manager = new UserManager({
    authority: baseUrl, client_id: "cashdesk-rest-client", client_secret: "cashdesk-rest-client", redirect_uri: "https://app.example/",
    scope: "read write", omitScopeWhenRequesting: true, userStore: store(), stateStore: store(),
    metadata: { issuer: baseUrl, token_endpoint: baseUrl + "/oauth/token" },
  });
  const password = createHash("sha256").update(account.password).digest("base64");
  const token = (await manager.signinResourceOwnerCredentials({ username: account.username, password, skipUserInfo: true })).access_token;`,
};

const folder = installed();
const box = await start("--keep-alive");
const names = Object.keys(WAYS);
const path = (/** @type {string} */ name) => join(folder, `first-${names.indexOf(name)}.mjs`);
for (const [name, way] of Object.entries(WAYS)) {
  writeFileSync(path(name), `
const { baseUrl, account } = JSON.parse(process.argv[2]);
const begin = performance.now();
${way}
const time = performance.now() - begin;
if (!token) throw new Error("no token");
console.log(JSON.stringify({ time, rss: process.memoryUsage.rss() }));
process.exit();
`);
}
const order = JSON.stringify({ baseUrl: box.services[KASSA].baseUrl, account: ACCOUNTS[KASSA] });

/** @param {string} name @returns {number} milliseconds */
function run(name) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path(name), order], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${name}: ${stderr}`);
  return JSON.parse(stdout).time;
}

/** @type {Record<string, number[]>} */
const times = Object.fromEntries(names.map((name) => [name, []]));
for (let round = -1; round < ROUNDS; round += 1) {
  for (const name of round % 2 ? [...names].reverse() : names) {
    const time = run(name);
    if (round >= 0) times[name].push(time);
  }
}
await box.stop();
const bare = median(times["bare fetch"]);
table(
  `From import to the first token in Node, fresh processes (${ROUNDS} rounds in turns, medians, services on loopback)`,
  ["", "ms", "over bare, ms", "ratio"],
  names.map((name) => {
    const own = median(times[name]);
    return [name, own.toFixed(1), (own - bare).toFixed(1), (own / bare).toFixed(2)];
  }),
);
