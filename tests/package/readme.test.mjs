/** What the README shows is a program: its blocks, saved under the names they begin with, beside the installed package. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { after, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { start } from "../support/sandbox.mjs";
import { TARBALL, consumer } from "./consumer.mjs";

const run = promisify(execFile);
const [box, browser] = await Promise.all([
  start(),
  chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--disable-background-networking"] }),
]);
after(box.stop);
after(() => browser.close());
beforeEach(box.reset);
const KASSA_URL = box.services["bifit-kassa"].baseUrl;
const env = { ...process.env, KASSA_URL, PORT: "0" };

for (const [name, words] of /** @type {const} */ ([
  ["README.md", { signIn: "Sign in", wrong: "The phone number or password was not accepted.", right: "Signed in as 120041" }],
  ["README.ru.md", { signIn: "Войти", wrong: "Телефон или пароль не подошли.", right: "Вы вошли: 120041" }],
])) {
  const text = readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), "utf8");
  /** @type {[string, string][]} */
  const files = [...text.matchAll(/^```(?:js|html)\n(?:\/\/|<!--) ([\w.]+)(?: -->)?\n([^]*?)^```$/gm)].map(([, file, code]) => [file, code]);

  test(`${name}: the script signs in and calls; the page does, through the server`, { timeout: 120_000 }, async (t) => {
    assert.deepEqual(files.map(([file]) => file), ["try.mjs", "index.html", "page.js", "server.mjs"]);
    assert.ok(text.includes(`/target/${basename(TARBALL)}`), "it names the tarball that is built here");
    const { folder } = await consumer();
    for (const [file, code] of files) writeFileSync(join(folder, file), code);

    const { stdout } = await run(process.execPath, ["try.mjs"], { cwd: folder, env });
    assert.match(stdout, /^120041 \d{4}-.*\n200 \{.*"ok":true/);

    const server = spawn(process.execPath, ["server.mjs"], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
    const gone = once(server, "exit");
    t.after(async () => {
      server.kill();
      await gone;
    });
    const [address] = await once(createInterface({ input: server.stdout }), "line");
    const page = await browser.newPage();
    page.setDefaultTimeout(60_000);
    t.after(() => page.close());
    await page.goto(address);
    await page.fill("[name=password]", "wrong");
    await page.click(`text=${words.signIn}`);
    await page.waitForSelector(`output:has-text("${words.wrong}")`);
    await page.fill("[name=password]", "secret");
    await page.click(`text=${words.signIn}`);
    await page.waitForSelector(`output:has-text("${words.right}")`);
    await page.reload();
    await page.waitForSelector(`output:has-text("${words.right}")`);
    for (const path of ["auth/kassa/oauth/token", "propusk/../server.mjs", "server.mjs", "auth/kassa/protected/secret"]) {
      assert.notEqual((await fetch(address + path)).status, 200, path);
    }
  });
}
