/** The demo page beyond forms: all five at once, what goes wrong and what the client does, two tabs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { desk } from "./support/desk.mjs";
import { stage } from "./support/stage.mjs";

const { open, box } = await stage();

test("one button signs in to all five, and each row fills", async (t) => {
  const page = await open(t);
  const at = desk(page);
  await at.ready();
  await at.press("Sign in to all five", /5 of 5 signed in/);
  assert.deepEqual(await page.locator(".gate .state").allInnerTexts(), ["120042", "01771533-8e75-3234-8e3d-9213ae2d7c52", "signed in", "signed in", "132"]);
  for (const took of await page.locator(".gate .took").allInnerTexts()) assert.match(took, /^[\d,]+ ms$/);
  // Each is a session of the page: the API can be called with it, and it outlives a reload.
  await page.reload();
  for (const service of /** @type {const} */ (["bifit-kassa", "invoicebox", "mobile-smarts", "bstats", "smart-satu"])) {
    await at.choose(service);
    await at.press("Call the API", /Status 200/);
  }
  assert.equal((await box.counts("bifit-kassa")).confirm, 1);
});

test("where one of the five refuses, its row says so and the others fill", async (t) => {
  const page = await open(t);
  const at = desk(page);
  await at.ready();
  await box.fault("invoicebox", "check", { kind: "status", status: 403 });
  await at.press("Sign in to all five", /4 of 5 signed in/);
  await page.locator('.gate[data-service="invoicebox"] .state[data-kind="failed"]').waitFor();
  await at.choose("invoicebox");
  await at.result.getByText("insufficient_scope").waitFor();
});

/** @type {[string, string, RegExp, "good" | "warn"][]} */
const OUTAGES = [
  ["bifit-kassa", "503", /answered 503\..*after 2 tries/, "good"],
  ["bifit-kassa", "Cut-off answer", /asked again, and the service, which gives a lost answer again/, "good"],
  ["bifit-kassa", "Offline", /the relay answers 502 .*3 tries, then an error that may be tried again/, "warn"],
  ["bifit-kassa", "Slow", /within the second that the call allows[^]*too long to answer/, "warn"],
  ["invoicebox", "503", /after 2 tries/, "good"],
  ["smart-satu", "Cut-off answer", /had it whole after 2 tries/, "good"],
  ["invoicebox", "Offline", /answers 502 .*3 tries/, "warn"],
  // Its renewal is a login, and a login that was answered is not sent again.
  ["smart-satu", "Offline", /answers 502 .*1 try, then/, "warn"],
];

for (const [service, name, told, kind] of OUTAGES) {
  test(`an outage, told in a line: ${service}, ${name}`, async (t) => {
    // A service that breaks is what the browser reports to its console as well.
    const page = await open(t, `#${service}`, {}, /^Failed to load resource/);
    const at = desk(page);
    await at.signIn();
    await at.signedIn();
    const subject = await at.pass.locator(".holder").innerText();
    await at.button(name).click();
    await page.locator(`#result[data-kind="${kind}"]`).getByText(told).first().waitFor();
    assert.equal(await at.pass.locator(".holder").innerText(), subject, "the session is as it was");
    await at.press("Call the API", /Status 200/);
  });
}

test("two tabs share one session, and renew once between them", async (t) => {
  const page = await open(t);
  const at = desk(page);
  await at.signIn();
  await at.signedIn();
  assert.ok(await at.button("Both at once").isDisabled());
  const [second] = await Promise.all([page.waitForEvent("popup"), at.button("Open a second tab").click()]);
  await second.locator("body[data-ready]").waitFor();
  await desk(second).signedIn();
  await page.getByText("1 other tab is open").waitFor();
  await box.clear();
  await at.button("Both at once").click();
  await at.result.getByText("2 tabs made 20 calls with a token that was over: 1 renewal for all of them.").waitFor({ timeout: 60_000 });
  assert.equal((await box.counts("bifit-kassa")).refresh, 1);
  assert.equal((await box.families("bifit-kassa")).maxSpends, 1, "no refresh token was sent twice");

  await desk(second).press("Sign out", "Signed out.");
  await at.result.getByText("Another tab has changed the session").waitFor();
  await at.pass.getByText("No pass yet").waitFor();
  await second.close();
});

test("how the password became what was sent is shown, with a word that is no secret", async (t) => {
  const page = await open(t);
  const at = desk(page);
  await at.signIn();
  await at.signedIn();
  await at.lines.last().locator("summary").click();
  const shown = await at.lines.last().locator(".digest").innerText();
  const { createHash } = await import("node:crypto");
  const digest = createHash("sha256").update("propusk").digest();
  for (const step of [Buffer.from("propusk").toString("hex"), digest.toString("hex"), digest.toString("base64")]) assert.ok(shown.includes(step), step);
  assert.ok(shown.includes(`${new URLSearchParams({ password: digest.toString("base64") })}`));
});
