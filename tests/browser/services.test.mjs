/** Each service through the demo page: sign in, call, renew or check, sign out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decide, desk } from "./support/desk.mjs";
import { stage } from "./support/stage.mjs";

const { open, box } = await stage();

/** What every journey ends with: nothing is left of the session, on the page or in the tab. */
async function signOut(page, at) {
  await at.press("Sign out", "Signed out.");
  await at.pass.getByText("No pass yet").waitFor();
  const stored = await page.evaluate(() => JSON.stringify(Object.values(sessionStorage)));
  for (const secret of page.watched.issued) assert.ok(!stored.includes(secret), "a token is left in sessionStorage");
}

/** @param {import("./support/desk.mjs").Service} service @param {string[]} purposes @param {string[]} refusals */
async function asked(service, purposes, refusals = []) {
  const journal = await box.journal(service);
  assert.deepEqual(
    journal.filter(({ purpose }) => purpose !== "preflight").map(({ purpose }) => purpose),
    purposes,
  );
  assert.deepEqual(
    journal.filter(({ verdict }) => verdict !== "ok").map(({ why }) => why),
    refusals,
  );
}

test("BIFIT Kassa", async (t) => {
  const page = await open(t);
  const at = desk(page);
  await at.choose("bifit-kassa");
  await at.signIn();
  await at.signedIn();
  await at.pass.getByText("120041").waitFor();
  assert.match(await at.pass.innerText(), /read\s?write[\s\S]*(11:59|12:00):\d\d/);
  await at.press("Call the API", /Status 200/);
  await at.press("Renew", /Renewed/);
  await signOut(page, at);
  await asked("bifit-kassa", ["login", "api", "refresh"]);
});

test("Invoicebox", async (t) => {
  const page = await open(t);
  const at = desk(page);
  await at.choose("invoicebox");
  await at.signIn();
  await at.signedIn();
  assert.match(await at.pass.innerText(), /01771533-8e75-3234-8e3d-9213ae2d7c52[\s\S]*never/);
  await at.press("Call the API", /Status 200/);
  assert.ok(await at.button("Renew").isDisabled());
  await at.press("Check the token", "01771533-8e75-3234-8e3d-9213ae2d7c52");
  await signOut(page, at);
  await asked("invoicebox", ["check", "api", "check"]);
});

test("Mobile SMARTS", async (t) => {
  const page = await open(t);
  const at = desk(page);
  await at.choose("mobile-smarts");
  await at.signIn();
  await at.signedIn();
  assert.match(await at.pass.innerText(), /not told by the service[\s\S]*(23:59|24:00):\d\d/);
  await at.press("Call the API", /Status 200/);
  await at.press("Renew", /Renewed/);
  await signOut(page, at);
  await asked("mobile-smarts", ["login", "api", "refresh"]);
});

test("bstats.ru", async (t) => {
  const page = await open(t);
  const at = desk(page);
  await at.choose("bstats");
  await at.button("Go to bstats.ru").click();
  await decide(page, "Allow");
  await at.signedIn();
  await at.result.getByText("Signed in.").waitFor();
  assert.match(await at.pass.innerText(), /dossier[\s\S]*never/);
  assert.ok(await at.button("Renew").isDisabled());
  await at.press("Call the API", /Status 200/);
  await at.press("Call a method that fails", "access_denied");
  await signOut(page, at);
  await asked("bstats", ["authorize", "authorize", "exchange", "api", "api"], ["this method always fails, with status 200"]);
});

test("Smart Satu", async (t) => {
  const page = await open(t);
  const at = desk(page);
  await at.choose("smart-satu");
  await at.signIn();
  await at.signedIn();
  assert.match(await at.pass.innerText(), /132[\s\S]*(23:59|24:00):\d\d/);
  await at.pass.getByText(/Details the service told/).click();
  await at.pass.getByText("supplier@smartsatu.example").waitFor();
  await at.press("Call the API", /Status 200/);
  await at.press("Renew", /Renewed/);
  await signOut(page, at);
  await asked("smart-satu", ["login", "api", "login"]);
});

test("the services keep apart: each has its own session", async (t) => {
  const page = await open(t);
  const at = desk(page);
  await at.signIn();
  await at.signedIn();
  await at.choose("smart-satu");
  await at.pass.getByText("No pass yet").waitFor();
  await at.signIn();
  await at.pass.getByText("132").waitFor();
  await at.button("Sign out").click();
  await at.choose("bifit-kassa");
  await at.pass.getByText("120041").waitFor();
  assert.equal(await page.locator('.state[data-kind="in"]').count(), 1);
});
