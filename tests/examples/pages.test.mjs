/** The examples that are pages, by `npm install` and `npm start`, in a browser. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { chromium } from "playwright-core";
import { start } from "../support/sandbox.mjs";
import { example } from "./support/example.mjs";

const KASSA = "bifit-kassa";
const executablePath = process.env.CHROMIUM;
if (!executablePath) throw new Error("CHROMIUM names no browser: run these tests with `cargo xtask test examples`");
const [box, browser] = await Promise.all([
  start(),
  chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--disable-background-networking"] }),
]);
after(box.stop);
after(() => browser.close());
beforeEach(box.reset);
const KASSA_URL = box.services[KASSA].baseUrl;

/** A page whose errors fail the test. @param {string} address @param {import("node:test").TestContext} t @param {number} [patience] */
async function open(address, t, patience = 60_000) {
  const page = await browser.newPage({ locale: "ru-RU" });
  page.setDefaultTimeout(patience);
  /** @type {string[]} */
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    // What the browser itself says of answers with a 4xx.
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) errors.push(message.text());
  });
  t.after(async () => {
    await page.close();
    assert.deepEqual(errors, []);
  });
  await page.goto(address);
  return page;
}

test("vite-react: a wrong password, a second step, goods, a reload, and out", async (t) => {
  const { serve } = await example("vite-react");
  const page = await open(await serve({ KASSA_URL }), t);
  await page.fill("[name=phone]", "79990000002");
  await page.fill("[name=password]", "wrong");
  await page.click("text=Войти");
  await page.waitForSelector("text=Телефон или пароль не подошли.");
  await page.fill("[name=password]", "secret");
  await page.click("text=Войти");
  await page.fill("[name=code]", "000000");
  await page.click("text=Войти");
  await page.waitForSelector("text=Код подтверждения не подошёл.");
  await page.fill("[name=code]", "123456");
  await page.click("text=Войти");
  await page.waitForSelector("output:has-text('200 ')");
  await page.reload();
  await page.waitForSelector("output:has-text('200 ')");
  await page.click("text=Выйти");
  await page.waitForSelector("[name=phone]");
  const { login, confirm } = await box.counts(KASSA);
  assert.deepEqual({ login, confirm }, { login: 2, confirm: 2 });
});

test("next: rendered on a server, signed in to in the page; goods in the page, and by an account of the server's own", { timeout: 600_000 }, async (t) => {
  const { folder, serve } = await example("next");
  const address = await serve({ KASSA_URL, PORT: "0", SESSIONS: join(folder, "sessions") });
  // What is compiled when it is first asked for takes its time on a busy machine.
  const page = await open(address, t, 120_000);
  await page.waitForSelector("h1:has-text('Товары')");
  await page.fill("[name=phone]", "79990000001");
  await page.fill("[name=password]", "wrong");
  await page.click("text=Войти");
  await page.waitForSelector("text=Телефон или пароль не подошли.");
  await page.fill("[name=password]", "secret");
  await page.click("text=Войти");
  await page.waitForSelector("p:has-text('120041')");
  await page.click("text=Показать товары");
  await page.waitForSelector("output:has-text('200 ')");
  await page.reload();
  await page.click("text=Выйти");
  await page.waitForSelector("[name=phone]");

  assert.equal((await fetch(`${address}auth/kassa/protected/others`)).status, 404);
  await box.clear();
  const answers = await Promise.all([1, 2, 3].map(async () => (await fetch(`${address}stock`)).json()));
  assert.deepEqual(answers.map(({ user_id: user }) => user), [120041, 120041, 120041]);
  assert.equal((await (await fetch(`${address}stock`)).json()).ok, true);
});

test("plain-page: under its content security policy, through its relay", async (t) => {
  const { serve } = await example("plain-page");
  const page = await open(await serve({ KASSA_URL, PORT: "0" }), t);
  await page.fill("[name=username]", "79990000001");
  await page.fill("[name=password]", "wrong");
  await page.click("text=Войти");
  await page.waitForSelector("output:has-text('Телефон или пароль не подошли.')");
  await page.fill("[name=password]", "secret");
  await page.click("text=Войти");
  await page.waitForSelector("section:not([hidden]) p:has-text('120041')");
  await page.click("text=Товары");
  await page.waitForSelector("output:has-text('\"ok\":true')");
  await page.reload();
  await page.waitForSelector("section:not([hidden])");
  await page.click("text=Выйти");
  await page.waitForSelector("form:not([hidden])");
});
