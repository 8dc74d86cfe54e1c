/** The examples that are pages, by `npm install` and `npm start`, in a browser. */
import assert from "node:assert/strict";
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

/** A page whose errors fail the test. @param {string} address @param {import("node:test").TestContext} t */
async function open(address, t) {
  const page = await browser.newPage({ locale: "ru-RU" });
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

test("plain-page: under its content security policy, through its proxy", async (t) => {
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
