#!/usr/bin/env node
/** `npx propusk-sandbox`: starts the services, says where they are and who can sign in, and serves until told to stop. */
import { parseArgs } from "node:util";
import { start } from "./sandbox.js";

const HELP = `Usage: npx propusk-sandbox [options]

BIFIT Kassa, Invoicebox, Mobile SMARTS, bstats.ru and Smart Satu on this machine, for development and tests with propusk.
Everything is kept in memory. Ctrl-C ends it.

  --ports <port>             first of six ports: control, then the services (default: free ones)
  --token-lifetime <seconds> of access tokens (default: what each service documents)
  --latency <ms>             before each answer
  --no-cors                  pages of other origins get no answers
  --grace <seconds>          in which a spent refresh token gives the same answer again
  --quiet                    no line for each request
  --help, --version
`;

const NUMBERS = ["ports", "token-lifetime", "latency", "grace"];

try {
  await main();
} catch (error) {
  console.error(`propusk-sandbox: ${/** @type {Error} */ (error).message}`);
  process.exitCode = 1;
}

async function main() {
  const number = /** @type {const} */ ({ type: "string" });
  const flag = /** @type {const} */ ({ type: "boolean" });
  const { values } = parseArgs({
    options: { ports: number, "token-lifetime": number, latency: number, grace: number, "no-cors": flag, quiet: flag, help: flag, version: flag },
  });
  if (values.help || values.version) {
    console.log(values.help ? HELP.trimEnd() : __VERSION__);
    return;
  }
  const given = Object.entries(values).filter(([name]) => NUMBERS.includes(name));
  const options = Object.fromEntries(given.map(([name, text]) => [name.replace(/-(.)/, (_, letter) => letter.toUpperCase()), numberOf(name, String(text))]));
  const { sandbox, control } = await start({ ...options, cors: !values["no-cors"] }, values.quiet ? null : (line) => console.error(line));
  // Before it says that it is there: whoever reads that may stop it at once.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => void sandbox.close());
  console.log(overview(sandbox, control));
}

/** @param {string} name @param {string} text */
function numberOf(name, text) {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new Error(`--${name} takes a number, and not ${JSON.stringify(text)}`);
  return Number(text);
}

/** @param {{ urls: Record<string, string>, accounts: any }} sandbox @param {string} control */
function overview({ urls, accounts }, control) {
  const lines = Object.entries(urls).flatMap(([name, url]) => [
    `${name.padEnd(14)} ${url}`,
    ...accounts[name].map((/** @type {any} */ { purpose, credentials, code }) => {
      const shown = Object.entries({ ...credentials, ...(code && { code }) }).map(([member, value]) => `${member} ${value}`);
      return `  ${purpose.padEnd(14)} ${shown.join(", ")}`;
    }),
  ]);
  return [...lines, `${"control".padEnd(14)} ${control}`, "", "Ctrl-C ends it."].join("\n");
}
