/** The page as such: keyboard, secrets, languages, colours, small screens. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { desk } from "./support/desk.mjs";
import { stage } from "./support/stage.mjs";

const { open, box } = await stage();

/** Presses Tab until an element with this name has the focus, which must be visible all the way. */
async function tabTo(page, name) {
  for (let steps = 0; steps < 60; steps++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const element = /** @type {any} */ (document.activeElement);
      const label = element.labels?.[0] ?? element;
      const rings = [element, label].map((each) => getComputedStyle(each));
      return {
        name: `${label.textContent}`.trim(),
        visible: rings.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2),
        body: element === document.body,
      };
    });
    assert.ok(focused.visible || focused.body, `the focus on "${focused.name}" is visible`);
    if (focused.name.startsWith(name)) return;
  }
  assert.fail(`Tab never came to "${name}"`);
}

test("keyboard only: choose, sign in, call, sign out", async (t) => {
  const page = await open(t);
  const at = desk(page);
  await at.ready();
  await tabTo(page, "BIFIT Kassa");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await at.button("Sign in").waitFor();
  await page.getByRole("heading", { name: "Sign in to Mobile SMARTS" }).waitFor();
  await tabTo(page, "Password");
  await page.keyboard.press("Enter");
  await at.result.getByText("Signed in.").waitFor();
  assert.ok(await at.button("Call the API").evaluate((button) => button === document.activeElement), "the focus has not been lost");
  await page.keyboard.press("Enter");
  await at.result.getByText(/Status 200/).waitFor();
  await tabTo(page, "Sign out");
  await page.keyboard.press("Space");
  await at.result.getByText("Signed out.").waitFor();
  assert.ok(await at.button("Sign in").evaluate((button) => button === document.activeElement), "the focus has not been lost");
});

test("keyboard only: another account, then the second factor", async (t) => {
  const page = await open(t);
  const at = desk(page);
  await at.ready();
  await tabTo(page, "+7 999 000-00-02");
  await page.keyboard.press("Enter");
  await at.button("Sign in").press("Enter");
  await page.getByLabel("Code", { exact: true }).waitFor();
  await tabTo(page, "Fill in the sandbox's code");
  await page.keyboard.press("Enter");
  await at.button("Confirm").press("Enter");
  await at.pass.getByText("120042").waitFor();
});

test("the ledger tells of requests with their secrets masked", async (t) => {
  const page = await open(t);
  const at = desk(page);
  await at.account("password in Cyrillic");
  await at.signIn();
  await at.signedIn();
  await at.press("Call the API", /Status 200/);
  await at.press("Renew", /Renewed/);
  for (const line of await at.lines.locator("summary").all()) await line.click();

  const [renewal, call, login] = await at.lines.allInnerTexts();
  assert.match(login, /username\s+79990000004/);
  assert.match(login, /password\s+•••/);
  assert.match(login, /client_secret\s+•••/);
  assert.match(call, /authorization\s+Bearer •••/);
  assert.match(renewal, /grant_type\s+refresh_token/);
  assert.match(renewal, /refresh_token\s+•••/);
  // Answers too: what is harmless as it came, tokens masked.
  assert.match(login, /access_token\s+•••/);
  assert.match(login, /expires_in\s+43199/);
  assert.match(login, /content-type\s+application\/json/);
  assert.match(call, /ok\s+true/);
  // What `watch` looks for at the end is there to be found.
  assert.equal(page.watched.issued.size, 4);
  await page.watched.check();
  await at.button("Clear").click();
  assert.equal(await at.lines.count(), 0);
});

test("a secret in an address is masked, in the ledger too", async (t) => {
  const page = await open(t, "#bstats");
  const at = desk(page);
  await at.button("Go to bstats.ru").click();
  await page.waitForURL(/\/api\.php\/auth/);
  await page.getByLabel("Login").fill("demo");
  await page.getByLabel("Password").fill("demo");
  await page.getByRole("button", { name: "Allow" }).click();
  await at.signedIn();
  await at.press("Call the API", /Status 200/);
  assert.match(await at.lines.first().innerText(), /access_token=\*\*\*/);
});

test("Russian and English: by the browser, by the switch, remembered, and what was typed stays", async (t) => {
  const page = await open(t, "", { locale: "ru-RU" });
  await page.getByRole("heading", { level: 1, name: "Одно окно, пять проходных" }).waitFor();
  const phone = page.getByLabel("Телефон");
  await phone.fill("typed");
  await page.getByRole("button", { name: "EN" }).click();
  await page.getByRole("heading", { level: 1, name: "One desk, five gates" }).waitFor();
  assert.equal(await page.getByLabel("Phone").inputValue(), "typed");
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "One desk, five gates" }).waitFor();
});

test("no text is missing in either language", async (t) => {
  const page = await open(t);
  const at = desk(page);
  for (const service of /** @type {const} */ (["bifit-kassa", "invoicebox", "mobile-smarts", "bstats", "smart-satu"])) {
    await at.choose(service);
    for (const language of ["RU", "EN"]) {
      await page.getByRole("button", { name: language, exact: true }).click();
      const empty = await page.locator("[data-live]:visible").evaluateAll((all) =>
        all.filter((element) => /^$|undefined/.test(element.textContent) && !element.hasAttribute("aria-label")).map((element) => element.outerHTML),
      );
      assert.deepEqual(empty, []);
    }
  }
});

test("light and dark: by the system, by the switch, remembered", async (t) => {
  const page = await open(t, "", { colorScheme: "dark" });
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const dark = await background();
  const toggle = page.getByRole("button", { name: "Dark" });
  assert.equal(await toggle.getAttribute("aria-pressed"), "true");
  await toggle.click();
  const light = await background();
  assert.notEqual(light, dark);
  await page.reload();
  await desk(page).ready();
  assert.equal(await background(), light);
});


test("without the services the page says how to start them", async (t) => {
  const page = await open(t, "styles/base.css");
  await page.route("**/sandbox.json", (route) => route.fulfill({ status: 404 }));
  await page.goto(new URL("/", page.url()).href);
  await page.getByText("cargo xtask demo").waitFor();
  assert.equal(await box.total(), 0);
});
