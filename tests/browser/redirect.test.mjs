/** The way over the page of bstats.ru, and back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decide, desk } from "./support/desk.mjs";
import { stage } from "./support/stage.mjs";

const { open, box, site } = await stage();

async function leave(page) {
  const at = desk(page);
  await at.button("Go to bstats.ru").click();
  await page.waitForURL(/\/api\.php\/auth/);
  await page.getByLabel("Login").waitFor();
  return at;
}

test("allowed: back at the same place, with a clean address", async (t) => {
  const page = await open(t, "#bstats");
  const at = await leave(page);
  await decide(page, "Allow");
  await at.signedIn();
  await at.ready();
  assert.equal(page.url(), `${site.url}#bstats`);
  assert.equal(page.watched.issued.size, 2, "a code and a token were seen, so the search for them means something");
});

test("denied: the error is shown, nothing is exchanged, and the user may try again", async (t) => {
  const page = await open(t, "#bstats");
  const at = await leave(page);
  await decide(page, "Deny");
  await at.result.getByText("access_denied", { exact: true }).waitFor();
  await at.pass.getByText("No pass yet").waitFor();
  assert.ok(!page.url().includes("error"), "the address is clean");
  assert.equal((await box.counts("bstats")).exchange ?? 0, 0);

  await leave(page);
  await decide(page, "Allow");
  await at.signedIn();
});

test("a reload after the way back does not redeem the code again", async (t) => {
  const page = await open(t, "#bstats");
  const at = await leave(page);
  await decide(page, "Allow");
  await at.signedIn();
  await page.reload();
  await at.result.getByText("kept over the reload").waitFor();
  assert.equal((await box.counts("bstats")).exchange, 1);
});

test("a code that nobody asked for is refused, and nothing is sent", async (t) => {
  const page = await open(t, "?code=fedcba9876543210fedcba9876543210");
  const at = desk(page);
  await at.result.getByText("redirect_unexpected").waitFor();
  assert.deepEqual(await box.journal("bstats"), []);
  assert.ok(!page.url().includes("code"), "the address is clean, so that a reload does not come to it again");
});

test("Back from the consent page: the page is usable again", async (t) => {
  const page = await open(t, "#bstats");
  const at = await leave(page);
  await page.goBack();
  await at.ready();
  await leave(page);
  await decide(page, "Allow");
  await at.signedIn();
});
