/** The package propusk-sandbox beside the package, as an install lays them out; what tests start of it ends with them. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach } from "node:test";
import { pathToFileURL } from "node:url";
import { load, project } from "../../support/package.mjs";

export { GOODS } from "../../support/sandbox.mjs";

/** @typedef {import("propusk-sandbox").Sandbox} Sandbox */
/** @typedef {import("propusk").ProviderId} Service */

/** Where bstats sends the user back to; nobody listens there. */
export const CALLBACK = "http://127.0.0.1:5173/callback";

/** @type {Service[]} */
export const SERVICES = ["bifit-kassa", "invoicebox", "mobile-smarts", "bstats", "smart-satu"];

/** The tarball under test. */
export const TARBALL = process.env.PROPUSK_SANDBOX_TARBALL ?? missing();

/** @returns {never} */
function missing() {
  throw new Error("PROPUSK_SANDBOX_TARBALL names no tarball: run these tests with `cargo xtask test sandbox`");
}

/** Unpacks the tarball into a folder of `node_modules`. @param {string} modules */
export function unpack(modules) {
  const folder = join(modules, "propusk-sandbox");
  mkdirSync(folder, { recursive: true });
  execFileSync("tar", ["-xzf", TARBALL, "-C", folder, "--strip-components=1"]);
  return folder;
}

/** A folder of this process with both packages in `node_modules`. */
export const folder = project();
/** Where propusk-sandbox lies in it. */
export const installed = unpack(join(folder, "node_modules"));

const script = join(folder, "propusk-sandbox.mjs");
writeFileSync(script, 'export * from "propusk-sandbox";');

/** @type {typeof import("propusk-sandbox")} */
export const { startSandbox } = await import(pathToFileURL(script).href);
export const { AuthClient } = await load();

/** @type {(() => unknown)[]} */
let ends = [];
afterEach(async () => {
  const due = ends;
  ends = [];
  for (const end of due.reverse()) await end();
});

/** A sandbox for the test that asks for it. @param {import("propusk-sandbox").SandboxOptions} [options] */
export async function open(options) {
  const box = await startSandbox(options);
  ends.push(() => box.close());
  return box;
}

/** A client of a service in it. @param {Sandbox} box @param {Service} provider @param {object} [options] @returns {Promise<import("propusk").AuthClient<any>>} */
export async function client(box, provider, options) {
  const redirect = provider === "bstats" && { redirectUri: CALLBACK };
  const made = await AuthClient.create(/** @type {any} */ ({ provider, baseUrl: box.urls[provider], ...redirect, ...options }));
  ends.push(() => made.close());
  return made;
}

/** Who signs in for a purpose. @param {Sandbox} box @param {Service} service @param {string} [purpose] */
export function account(box, service, purpose = "plain") {
  return box.accounts[service].find((account) => account.purpose === purpose) ?? assert.fail(`${service} has no account that is ${purpose}`);
}

/** Signs in as a user does. @param {Sandbox} box @param {Service} provider @param {object} [options] @param {string} [purpose] */
export async function signedIn(box, provider, options, purpose) {
  const made = await client(box, provider, options);
  const { credentials, code } = account(box, provider, purpose);
  if (provider === "bstats") await made.handleRedirect(await consent(await made.authorizationUrl(), credentials));
  else await made.login(credentials).catch((error) => (code ? made.confirm(code) : Promise.reject(error)));
  return made;
}

/** Fills in the page of bstats: where it sends the user to. @param {string} url @param {Readonly<Record<string, string>>} user */
export async function consent(url, { username, password }) {
  const body = new URLSearchParams({ login: username, password, decision: "allow" });
  const response = await fetch(url, { method: "POST", body, redirect: "manual" });
  return response.headers.get("location") ?? assert.fail(`the page answered ${response.status}`);
}

/** What was asked, for short. @param {Sandbox} box @param {Service} [service] */
export const purposes = (box, service) => box.requests(service).map(({ purpose }) => purpose);

/** Asks until it is so: nothing of what is waited for tells of itself. @param {() => boolean} isSo */
export async function until(isSo) {
  const deadline = Date.now() + 60_000;
  while (!isSo()) {
    if (Date.now() > deadline) assert.fail(`never: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
