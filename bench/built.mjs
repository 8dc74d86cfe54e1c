/** Pages as an application's bundler builds them: Vite in its production mode, without a word of configuration of ours. */
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { project } from "../tests/support/package.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));

/** Libraries that do something of the same kind, and where they are. */
export const PEERS = ["oidc-client-ts", "@auth0/auth0-spa-js", "@azure/msal-browser"];

/** A project with the packed package and the peers side by side, as installs would lay them out. */
export function installed() {
  const folder = project();
  for (const name of PEERS) {
    const [from, to] = [HERE, folder].map((root) => join(root, "node_modules", name));
    if (!existsSync(from)) throw new Error(`${name} is not installed: run this with \`cargo xtask bench\``);
    mkdirSync(dirname(to), { recursive: true });
    if (!existsSync(to)) symlinkSync(from, to, "dir");
  }
  return folder;
}

/**
 * Builds a page of `pages`. The folder to serve.
 *
 * @param {string} name
 */
export async function built(name) {
  const root = join(installed(), `page-${name}`);
  mkdirSync(root, { recursive: true });
  cpSync(join(HERE, "pages", `${name}.js`), join(root, "main.js"));
  writeFileSync(join(root, "index.html"), `<!doctype html><title>${name}</title><link rel="icon" href="data:,"><script type="module" src="./main.js"></script>`);
  await build({ root, configFile: false, logLevel: "error" });
  return join(root, "dist");
}
