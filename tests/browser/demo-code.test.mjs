/** The code that the demo page shows: what the button copies is a module script that runs in a page, and does what the demo page has just done. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadRelay } from "../support/package.mjs";
import { ACCOUNTS } from "../support/sandbox.mjs";
import { decide, desk } from "./support/desk.mjs";
import { stage } from "./support/stage.mjs";

/** A page of a reader's own: the package, the script, and word of how it ends. */
const PAGE = `<!doctype html>
<html lang="en"><title>try</title>
<script type="importmap">{ "imports": { "propusk": "./node_modules/propusk/dist/index.js" } }</script>
<script>console.log = (...all) => window.printed(all.map((each) => (typeof each === "object" ? JSON.stringify(each) : each)).join(" "));</script>
<script type="module">import("./try.js").then(() => window.ended(null), (error) => window.ended(String(error.stack)));</script>`;

const [{ codeOf }, { MOUNTS }] = await Promise.all(["code", "mounts"].map((name) => import(new URL(`../../www/app/${name}.js`, import.meta.url).href)));
const made = { "/try.html": PAGE, "/try.js": "" };
const { open, site } = await stage(made, { cors: false });
const SECRETS = { Password: ACCOUNTS["mobile-smarts"].password, Token: ACCOUNTS.invoicebox.token, Code: "123456" };

/** What the button has put into the clipboard. @param {import("playwright-core").Page} page */
async function copied(page) {
  await desk(page).button("Copy").click();
  await page.getByRole("button", { name: "Copied", exact: true }).waitFor();
  return page.evaluate(() => navigator.clipboard.readText());
}

/**
 * Runs a script in a page beside the installed package, and gives what it prints. Another page of the same site: what a
 * tab keeps for itself is not shared.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} code
 * @param {{ secrets?: Record<string, string>, visit?: (page: import("playwright-core").Page) => Promise<unknown> }} [how]
 */
async function run(page, code, { secrets = {}, visit } = {}) {
  made["/try.js"] = code;
  const own = await page.context().newPage();
  /** @type {string[]} */
  const printed = [];
  const ended = new Promise((resolve, reject) => {
    void own.exposeFunction("printed", (line) => void printed.push(line));
    void own.exposeFunction("ended", (error) => (error ? reject(new Error(error)) : resolve(undefined)));
  });
  own.on("dialog", (dialog) => void dialog.accept({ ...SECRETS, ...secrets }[dialog.message()]));
  await own.goto(`${site.url}try.html`);
  await visit?.(own);
  await ended;
  await own.close();
  return printed.join("\n");
}

/** A page that may use the clipboard. */
const openWithClipboard = (t, path) => open(t, path, { permissions: ["clipboard-read", "clipboard-write"] }, /^Failed to load resource/);

test("BIFIT Kassa: the code follows what was done last, from the second factor to the sign-out, and runs", async (t) => {
  const page = await openWithClipboard(t);
  const at = desk(page);
  const how = { secrets: { Password: "secret" } };
  await at.ready();
  assert.match(await run(page, await copied(page), how), /"subject":"120041"/);

  await at.account("asks for a second factor");
  await at.signIn();
  await page.getByRole("button", { name: "Fill in the sandbox's code" }).click();
  await at.button("Confirm").click();
  await at.signedIn();
  const confirmed = await copied(page);
  assert.match(confirmed, /^\/\/ .*with propusk\/relay:\n/);
  assert.match(confirmed, /^import { AuthClient, isAuthError } from "propusk";$/m);
  assert.match(confirmed, /^ {2}baseUrl: "\/auth\/kassa",$/m);
  assert.match(await run(page, confirmed, how), /"subject":"120042"/);
  await at.button("Sign out").click();

  await at.account("plain sign-in");
  await at.signIn();
  await at.signedIn();
  for (const [press, outcome, printed] of /** @type {const} */ ([
    ["Call the API", /Status 200/, /^200 {.*"ok":true/],
    ["Renew", /Renewed/, /^"\d{4}-\d\d-\d\dT/],
    ["503", /answered 503/, /^$/],
    ["Sign out", "Signed out.", /^null/],
  ])) {
    await at.press(press, outcome);
    assert.match(await run(page, await copied(page), how), printed, press);
  }
});

test("a thousand calls, as code", async (t) => {
  const page = await open(t);
  const { baseUrl, call } = MOUNTS["mobile-smarts"];
  const code = codeOf("mobile-smarts", "storm", { baseUrl, api: call, username: ACCOUNTS["mobile-smarts"].username });
  assert.equal(await run(page, code), "1000");
});

test("Invoicebox and Smart Satu, as code", async (t) => {
  const page = await openWithClipboard(t, "#invoicebox");
  const at = desk(page);
  await at.signIn();
  await at.signedIn();
  await at.press("Check the token", /It belongs to/);
  assert.match(await run(page, await copied(page)), /^01771533-/);
  await at.press("Call the API", /Status 200/);
  assert.match(await run(page, await copied(page)), /^200 /);
  await at.choose("smart-satu");
  await at.signIn();
  await at.signedIn();
  await at.press("Renew", /Renewed/);
  assert.match(await run(page, await copied(page), { secrets: { Password: ACCOUNTS["smart-satu"].password } }), /^"\d{4}-/);
  await at.press("Call the API", /Status 200/);
  assert.match(await run(page, await copied(page), { secrets: { Password: ACCOUNTS["smart-satu"].password } }), /^200 /);
});

test("bstats, as code: a script that sends the browser away, and goes on when it is back", async (t) => {
  const page = await openWithClipboard(t, "#bstats");
  const at = desk(page);
  await at.ready();
  await at.press("Sign in to all five", /5 of 5/);
  await at.press("Call a method that fails", "access_denied");
  const visit = (own) => decide(own, "Allow");
  assert.equal(await run(page, await copied(page), { visit }), "200 access_denied");
});

test("the server that the first lines tell of is one that createRelay makes", async () => {
  const { createRelay } = await loadRelay();
  for (const [id, { baseUrl, call }] of Object.entries(MOUNTS)) {
    const [, options] = /^\/\/ createRelay\((\{[^]*?^\/\/ \})\)$/m.exec(codeOf(id, "login", { baseUrl, api: call })) ?? [];
    /** @type {[string, RequestInit | undefined][]} */
    const sent = [];
    const fetch = async (address, init) => (sent.push([String(address), init]), new Response("{}"));
    const relay = await createRelay({ ...new Function(`return ${options.replace(/^\/\/ ?/gm, "")}`)(), fetch });
    assert.equal((await relay(new Request(new URL(`https://yours.example${baseUrl}${call.startsWith("?") ? "/api.php" : "/"}${call}`)))).status, 200, id);
    assert.equal(sent.length, 1, "what the page calls passes");
  }
});
