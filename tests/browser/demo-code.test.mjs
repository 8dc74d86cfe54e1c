/** The code that the demo page shows: what the button copies is a program that runs, and does what the page has just done. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { consent } from "../support/suite.mjs";
import { project } from "../support/package.mjs";
import { ACCOUNTS } from "../support/sandbox.mjs";
import { desk } from "./support/desk.mjs";
import { stage } from "./support/stage.mjs";

const { open, box } = await stage();
const folder = project();
const ENVIRONMENT = { PASSWORD: ACCOUNTS["mobile-smarts"].password, TOKEN: ACCOUNTS.invoicebox.token, CODE: "123456" };

/** What the button has put into the clipboard. @param {import("playwright-core").Page} page */
async function copied(page) {
  await desk(page).button("Copy").click();
  await page.getByRole("button", { name: "Copied", exact: true }).waitFor();
  return page.evaluate(() => navigator.clipboard.readText());
}

/** Runs a program beside the installed package. @param {string} code @param {Record<string, string>} [env] @param {(address: string) => Promise<unknown>} [visit] */
async function run(code, env = {}, visit) {
  const file = join(folder, "try.mjs");
  writeFileSync(file, code);
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [file], { env: { ...process.env, ...ENVIRONMENT, ...env }, timeout: 60_000 }, (error, stdout, stderr) => (error ? reject(new Error(`${error.message}\n${stderr}`)) : resolve(stdout)));
    createInterface({ input: /** @type {import("node:stream").Readable} */ (child.stdout) }).on("line", (line) => line.startsWith("Open ") && visit?.(line.slice(5)).catch(reject));
  });
}

/** A page that may use the clipboard. */
const openWithClipboard = (t, path) => open(t, path, { permissions: ["clipboard-read", "clipboard-write"] }, /^Failed to load resource/);

test("BIFIT Kassa: the code follows what was done last, from the second factor to the sign-out, and runs", async (t) => {
  const page = await openWithClipboard(t);
  const at = desk(page);
  const secret = { PASSWORD: "secret" };
  await at.ready();
  assert.match(await run(await copied(page), secret), /subject: '120041'/);

  await at.account("asks for a second factor");
  await at.signIn();
  await page.getByRole("button", { name: "Fill in the sandbox's code" }).click();
  await at.button("Confirm").click();
  await at.signedIn();
  const confirmed = await copied(page);
  assert.match(confirmed, /^import { AuthClient, isAuthError } from "propusk";\n/);
  assert.ok(confirmed.includes(`baseUrl: "${box.services["bifit-kassa"].baseUrl}"`));
  assert.match(await run(confirmed, secret), /subject: '120042'/);
  await at.button("Sign out").click();

  await at.account("plain sign-in");
  await at.signIn();
  await at.signedIn();
  for (const [press, outcome, printed] of /** @type {const} */ ([
    ["Call the API", /Status 200/, /^200 {.*"ok":true/],
    ["Renew", /Renewed/, /^\d{4}-\d\d-\d\dT/],
    ["503", /answered 503/, /^$/],
    ["Sign out", "Signed out.", /^null/],
  ])) {
    await at.press(press, outcome);
    assert.match(await run(await copied(page), secret), printed, press);
  }
});

test("a thousand calls, as code", async () => {
  const { codeOf } = await import(new URL("../../www/app/code.js", import.meta.url).href);
  const { code } = codeOf("mobile-smarts", "storm", { ...box.services["mobile-smarts"], username: ACCOUNTS["mobile-smarts"].username });
  assert.match(await run(code), /^1000\n$/);
});

test("Invoicebox and Smart Satu, as code", async (t) => {
  const page = await openWithClipboard(t, "#invoicebox");
  const at = desk(page);
  await at.signIn();
  await at.signedIn();
  await at.press("Check the token", /It belongs to/);
  assert.match(await run(await copied(page)), /^01771533-/);
  await at.press("Call the API", /Status 200/);
  assert.match(await run(await copied(page)), /^200 /);
  await at.choose("smart-satu");
  await at.signIn();
  await at.signedIn();
  await at.press("Renew", /Renewed/);
  assert.match(await run(await copied(page), { PASSWORD: ACCOUNTS["smart-satu"].password }), /^\d{4}-/);
  await at.press("Call the API", /Status 200/);
  assert.match(await run(await copied(page), { PASSWORD: ACCOUNTS["smart-satu"].password }), /^200 /);
});

test("bstats, as code: a server that the browser comes back to", async (t) => {
  const page = await openWithClipboard(t, "#bstats");
  const at = desk(page);
  await at.ready();
  await at.press("Sign in to all five", /5 of 5/);
  await at.press("Call a method that fails", "access_denied");
  const visit = async (address) => fetch(await consent(address));
  assert.match(await run(await copied(page), {}, visit), /\n200 access_denied\n$/);
});
