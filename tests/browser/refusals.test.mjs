/** Second factor, wrong credentials, and what the page says about them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { desk } from "./support/desk.mjs";
import { stage } from "./support/stage.mjs";

const { open, box } = await stage();

test("a second factor: asked for, refused when wrong, accepted when right", async (t) => {
  const page = await open(t);
  const at = desk(page);
  await at.account("asks for a second factor");
  await at.signIn();
  await at.result.getByText("second_factor_required").waitFor();
  const code = page.getByLabel("Code", { exact: true });
  assert.ok(await code.evaluate((input) => input === document.activeElement), "the keyboard goes on in the field for the code");

  await code.fill("000000");
  await at.press("Confirm", "invalid_second_factor");

  await at.button("Fill in the sandbox's code").click();
  await at.button("Confirm").click();
  await at.pass.getByText("120042").waitFor();
  await at.press("Call the API", /Status 200/);
});

test("a wrong password: code, message and hint, and another attempt works", async (t) => {
  const page = await open(t);
  const at = desk(page);
  await at.button("Mistype it").click();
  await at.signIn();
  await at.result.getByText("invalid_credentials").waitFor();
  assert.match(await at.result.innerText(), /^The phone number or password was not accepted/);
  await at.result.getByText("For the developer").click();
  assert.match(await at.result.innerText(), /refused the credentials/);
  await at.account("plain sign-in");
  await at.signIn();
  await at.signedIn();
});

test("a token without rights", async (t) => {
  const page = await open(t, "#invoicebox");
  const at = desk(page);
  await at.account("known, but without rights");
  await at.signIn();
  await at.result.locator("code").waitFor();
  assert.equal(await at.result.locator("code").innerText(), "insufficient_scope");
});

test("a login whose token is refused at once: the call renews it and goes through", async (t) => {
  const page = await open(t, "#mobile-smarts");
  const at = desk(page);
  await at.account("first call is refused");
  await at.signIn();
  await at.signedIn();
  await at.press("Call the API", /Status 200/);
  const lines = await at.lines.evaluateAll((all) => all.map(({ dataset }) => `${dataset.purpose} ${dataset.status}`));
  assert.deepEqual(lines, ["api 200", "refresh 200", "api 401", "login 200"]);
});

test("a service that is out of order leaves the session alone", async (t) => {
  const page = await open(t);
  const at = desk(page);
  await at.signIn();
  await at.signedIn();
  await box.fault("bifit-kassa", "refresh", { kind: "status", status: 400, body: '{"error":"invalid_scope"}', contentType: "application/json" });
  await at.press("Renew", "invalid_scope");
  await at.press("Call the API", /Status 200/);
});

test("a session that the service has revoked ends, and the page says so", async (t) => {
  const page = await open(t);
  const at = desk(page);
  await at.signIn();
  await at.signedIn();
  await box.revoke("bifit-kassa");
  await at.press("Renew", "login_required");
  await at.pass.getByText("No pass yet").waitFor();
});
