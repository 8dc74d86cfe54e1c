/** What happens to a session over time: reloads, a thousand calls at once, renewals in the background. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { desk } from "./support/desk.mjs";
import { stage } from "./support/stage.mjs";

const { open, box } = await stage();

test("a reload keeps the session and sends nothing", async (t) => {
  const page = await open(t);
  const at = desk(page);
  await at.signIn();
  await at.signedIn();
  const before = await box.total();
  await page.reload();
  await at.result.getByText("kept over the reload").waitFor();
  await at.pass.getByText("120041").waitFor();
  assert.equal(await box.total(), before);
  await at.press("Call the API", /Status 200/);
});

test("another tab of the same site does not see it", async (t) => {
  const page = await open(t);
  await desk(page).signIn();
  await desk(page).signedIn();
  const other = await page.context().newPage();
  await other.goto(page.url());
  await desk(other).ready();
  await desk(other).pass.getByText("No pass yet").waitFor();
});

test("1,000 calls with an expired token: one renewal, also where it is a login", async (t) => {
  const page = await open(t, "#smart-satu");
  const at = desk(page);
  await at.signIn();
  await at.signedIn();
  await box.clear();
  await at.button("1,000 calls at once").click();
  await at.result.getByText("1,000 calls found the token expired.").waitFor({ timeout: 180_000 });
  const figures = (name) => at.result.locator(`[data-figure="${name}"] td`).allInnerTexts();
  assert.deepEqual(await Promise.all(["ok", "renewals"].map(figures)), [["1,000", "0"], ["1", "0"]], "with the client, and with bare fetch");
  const counts = await box.counts("smart-satu");
  assert.equal(counts.login, 1, "as the service counted");
  assert.equal(counts.api, 3000, "each call was refused once, and repeated once by the client");
});

test("tokens of 20 seconds are renewed in the background", async (t) => {
  const page = await open(t);
  const at = desk(page);
  await at.signIn();
  await at.signedIn();
  await at.press("20-second tokens", /Renewed/);
  assert.match(await at.pass.innerText(), /00:00:(20|1\d)/);
  await page.waitForFunction(() => document.querySelectorAll('#ledger [data-purpose="refresh"]').length >= 2);
  assert.equal((await box.families("bifit-kassa")).maxSpends, 1);
});

test("the countdown runs", async (t) => {
  const page = await open(t);
  const at = desk(page);
  await at.signIn();
  await at.signedIn();
  const clock = page.getByRole("timer");
  const first = await clock.innerText();
  assert.match(first, /^\d\d:\d\d:\d\d$/);
  await page.waitForFunction((text) => document.querySelector("[role=timer]")?.textContent !== text, first);
});
