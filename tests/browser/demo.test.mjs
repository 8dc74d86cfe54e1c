/** What has gone wrong on the demo page once, and must not again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { desk } from "./support/desk.mjs";
import { stage } from "./support/stage.mjs";

const { open, box } = await stage();
const PHONE = { viewport: { width: 390, height: 844 } };

test("while one service is busy, another can be signed in to, and each shows its own result", async (t) => {
  const page = await open(t);
  const at = desk(page);
  await at.signIn();
  await at.signedIn();
  // The first call never ends before it is let go, so the storm lasts as long as this test wants.
  await box.fault("bifit-kassa", "api", { kind: "hold" });
  await at.button("1,000 calls at once").click();
  await box.held("bifit-kassa");

  await at.choose("invoicebox");
  await at.result.getByText("What comes of an action").waitFor();
  await at.signIn();
  await at.signedIn();
  await at.press("Call the API", /Status 200/);

  await box.release("bifit-kassa");
  await at.choose("bifit-kassa");
  await at.result.getByText("1,000 calls found the token expired.").waitFor({ timeout: 120_000 });
  assert.deepEqual(await at.result.locator('[data-figure="renewals"] td').allInnerTexts(), ["1", "0"], "with the client, and with bare fetch");
  assert.equal((await box.counts("bifit-kassa")).refresh, 1, "as the service counted");
  await at.choose("invoicebox");
  await at.result.getByText(/Status 200/).waitFor();
});

test("20-second tokens: after a reload the button still says that they are on, and it takes them back", async (t) => {
  const page = await open(t);
  const at = desk(page);
  const lifetime = async () => (await (await fetch(`${box.control}/options`)).json())["bifit-kassa"].tokenLifetime;
  await at.signIn();
  await at.signedIn();
  await at.press("20-second tokens", /Renewed/);
  await page.reload();
  await at.signedIn();
  assert.equal(await at.button("20-second tokens").getAttribute("aria-pressed"), "true");
  assert.equal(await lifetime(), 20);
  await at.press("20-second tokens", /Renewed/);
  assert.equal(await at.button("20-second tokens").getAttribute("aria-pressed"), "false");
  assert.equal(await lifetime(), null);
});

test("on the Russian page errors are told in Russian; what is for developers says that it is English", async (t) => {
  const page = await open(t, "", { locale: "ru-RU" });
  await page.getByRole("button", { name: "Ошибиться нарочно" }).click();
  await page.getByRole("button", { name: "Войти", exact: true }).click();
  const result = page.getByRole("status", { name: "Результат" });
  await result.getByText("Телефон или пароль не подошли.").waitFor();
  const [english, others] = await result.evaluate((element) => {
    const marked = [...element.querySelectorAll("[lang=en]")].map(({ textContent }) => textContent);
    const copy = /** @type {Element} */ (element.cloneNode(true));
    copy.querySelectorAll("[lang=en], code").forEach((each) => each.remove());
    return [marked, copy.textContent ?? ""];
  });
  assert.match(english.join(), /refused the credentials/);
  assert.ok(!/[a-z]{3}/i.test(others), others);
});

test("Smart Satu: a call that is refused with a challenge of Basic is renewed, and no window of the browser asks for a password", async (t) => {
  const page = await open(t, "#smart-satu");
  const at = desk(page);
  await at.account("first call is refused");
  await at.signIn();
  await at.signedIn();
  await at.press("Call the API", /Status 200/);
  assert.deepEqual(await at.lines.evaluateAll((all) => all.map(({ dataset }) => `${dataset.purpose} ${dataset.status}`)), ["api 200", "login 200", "api 401", "login 200"]);
});

for (const [locale, heading] of [
  ["ru-RU", "Разрешить доступ приложению"],
  ["en-US", "Allow access to the application"],
]) {
  test(`the consent page of bstats speaks the browser's language: ${locale}`, async (t) => {
    const page = await open(t, "#bstats", { locale });
    await page.getByRole("button", { name: "bstats.ru" }).click();
    await page.getByRole("heading", { name: heading }).waitFor();
    assert.equal(await page.locator("html").getAttribute("lang"), locale.slice(0, 2));
  });
}

test("numbers of things are told in the forms that the language has for them", async () => {
  const { counter } = await import(new URL("../../www/app/texts/count.js", import.meta.url).href);
  const english = counter("en");
  const russian = counter("ru");
  const told = (n) => [english(n, { one: "# renewal", other: "# renewals" }), russian(n, { one: "# продление", few: "# продления", other: "# продлений" })];
  assert.deepEqual([1, 2, 5, 21, 1000].map(told), [
    ["1 renewal", "1 продление"],
    ["2 renewals", "2 продления"],
    ["5 renewals", "5 продлений"],
    ["21 renewals", "21 продление"],
    ["1,000 renewals", "1\u00a0000 продлений"],
  ]);
  for (const language of ["en", "ru"]) {
    const { default: texts } = await import(new URL(`../../www/app/texts/${language}.js`, import.meta.url).href);
    for (const key of ["stormVerdict", "done.tabs"]) assert.ok(!/1 renewals|2 renewal\b|1 продлений|5 продления/.test([texts[key](1, 1, 1), texts[key](2, 2, 2), texts[key](5, 5, 5)].join()), key);
  }
});

test("both languages have the same texts", async () => {
  const [english, russian] = await Promise.all(["en", "ru"].map(async (language) => (await import(new URL(`../../www/app/texts/${language}.js`, import.meta.url).href)).default));
  const shape = (texts) => Object.entries(texts).map(([key, text]) => `${key} ${typeof text} ${text.length && typeof text === "function" ? text.length : ""}`).sort();
  assert.deepEqual(shape(russian), shape(english));
});

test("a wrong password on a phone: the form stays where it is, and the result is in sight", async (t) => {
  const page = await open(t, "", PHONE);
  const at = desk(page);
  await at.ready();
  await at.button("Mistype it").click();
  const button = at.button("Sign in");
  await button.scrollIntoViewIfNeeded();
  const where = () => page.evaluate(() => [scrollY, document.querySelector("#desk form")?.getBoundingClientRect().top]);
  const before = await where();
  await button.click();
  await at.result.getByText("was not accepted").waitFor();
  assert.deepEqual(await where(), before);
  const [form, result] = await page.evaluate(() => ["#field-password", "#result"].map((each) => /** @type {Element} */ (document.querySelector(each)).getBoundingClientRect().toJSON()));
  assert.ok(result.top < 844 && result.bottom <= 844, "the result is in the window");
  assert.ok(form.top >= 0 && form.bottom <= result.top, "and does not cover the field");
});

test("the chosen account is marked, and none is offered twice", async (t) => {
  const page = await open(t);
  const at = desk(page);
  for (const service of /** @type {const} */ (["bifit-kassa", "invoicebox", "mobile-smarts", "smart-satu"])) {
    await at.choose(service);
    const names = await page.locator(".accounts .who").allInnerTexts();
    assert.equal(new Set(names).size, names.length, `${service}: ${names}`);
    const marked = () => page.locator('.accounts [aria-pressed="true"] .who').allInnerTexts();
    assert.deepEqual(await marked(), names.slice(0, 1));
    await page.locator(".accounts button").nth(1).click();
    assert.deepEqual(await marked(), names.slice(1, 2));
  }
  await page.locator("#field-username").fill("nobody");
  assert.equal(await page.locator('.accounts [aria-pressed="true"]').count(), 0);
});

for (const [what, options, still] of /** @type {const} */ ([
  ["on a desk", { viewport: { width: 1280, height: 800 } }, ["#gates", "#desk", "#result", "#pass", "#snippet", ".book"]],
  ["on a phone", PHONE, ["#gates", "#desk"]],
])) {
  test(`nothing jumps at sign-in, at a call and at sign-out, ${what}`, async (t) => {
    const page = await open(t, "", options);
    const at = desk(page);
    await at.ready();
    const where = () => page.evaluate((all) => [scrollY, ...all.map((each) => document.querySelector(each)?.getBoundingClientRect().top)], [...still]);
    const steady = async (before, doing) => assert.deepEqual(await where(), before, doing);
    await at.button("Sign in").scrollIntoViewIfNeeded();
    const before = await where();
    await at.signIn();
    await at.signedIn();
    await steady(before, "sign-in");
    await at.press("Call the API", /Status 200/);
    await steady(before, "call");
    await at.button("Sign out").scrollIntoViewIfNeeded();
    const later = await where();
    await at.press("Sign out", "Signed out.");
    await steady(later, "sign-out");
  });
}

test("no line of the ornament runs through what is written", async (t) => {
  const page = await open(t);
  const at = desk(page);
  for (const width of [320, 390, 700, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    for (const service of /** @type {const} */ (["bifit-kassa", "invoicebox"])) {
      await at.choose(service);
      if (await at.button("Sign in").isVisible()) await at.signIn();
      await at.signedIn();
      const crossed = await page.evaluate(() => {
        const lines = /** @type {Element} */ (document.querySelector(".ornament")).getBoundingClientRect();
        const written = [...document.querySelectorAll(".pass .body :is(p, dt, dd, summary), .stub span")].filter((element) => {
          const range = document.createRange();
          range.selectNodeContents(element);
          const box = range.getBoundingClientRect();
          return box.left < lines.right && lines.left < box.right && box.top < lines.bottom && lines.top < box.bottom;
        });
        return written.map(({ textContent }) => textContent);
      });
      assert.deepEqual(crossed, [], `${service} at ${width}`);
    }
  }
});
