import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { chromium } from "playwright-core";
import { json, record } from "../support/recorder.mjs";
import { start } from "../support/sandbox.mjs";
import { consent } from "../support/suite.mjs";
import { user } from "./support/cli.mjs";

const box = await start();
beforeEach(box.reset);
after(box.stop);

const login = () => ["login", "bstats", "--base-url", box.services.bstats.baseUrl];

/** The address that is printed, and where the command waits. @param {ReturnType<ReturnType<typeof user>["start"]>} running */
async function printed(running) {
  const [address] = await running.until(/^http\S+$/m, "stderr");
  const place = new URL(address).searchParams.get("redirect_uri") ?? "";
  return { address, place };
}

/** @param {string} url @param {import("node:http").RequestOptions} [options] @returns {Promise<number | undefined>} */
const status = (url, options = {}) =>
  new Promise((resolve, reject) => {
    request(url, options, (response) => response.resume().on("end", () => resolve(response.statusCode))).on("error", reject).end();
  });

test("the address is printed, and whoever comes back from it is signed in", async () => {
  const me = user();
  const running = me.start([...login(), "--json"]);
  const { address, place } = await printed(running);
  assert.match(place, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  const page = await fetch(await consent(address));
  assert.equal(page.status, 200);
  assert.match(await page.text(), /You are signed in/);
  const { status: exit, stdout, stderr } = await running.ended;
  assert.equal(exit, 0, stderr);
  assert.equal(JSON.parse(stdout).service, "bstats");
  assert.match((await me.run(["token", "bstats"])).stdout, /^[0-9a-f]{32}\n$/);
  assert.equal((await me.run(["fetch", "bstats", "?app=dossier&method=customer.getuuid"])).status, 0);
  const header = await me.json(["token", "bstats", "--header"]);
  assert.deepEqual([header.status, header.value.error.code], [1, "unsupported"], "it goes in the address");
  await assert.rejects(status(place), "one answer, and nobody listens any more");
});

test("a refusal on the page ends the command with 4", async () => {
  const running = user().start(login());
  const { address } = await printed(running);
  assert.equal((await fetch(await consent(address, "deny"))).status, 400);
  const { status: exit, stderr } = await running.ended;
  assert.equal(exit, 4);
  assert.match(stderr, /Access was not granted/);
});

test("an answer that no pending login expects gets 400, and the wait goes on", async (t) => {
  const me = user();
  const server = await record(() => json({ access_token: "T".repeat(20) }));
  t.after(server.stop);
  const profile = {
    id: "own",
    baseUrl: server.origin,
    params: { client_id: "c" },
    credentials: [],
    login: { kind: "redirect", authorize: { url: "/auth", query: { client_id: "{client_id}" }, issuer: server.origin }, exchange: { url: "/token", form: {} } },
    present: { headers: { Authorization: "Bearer {access_token}" } },
  };
  await writeFile(join(me.home, "own.json"), JSON.stringify(profile));
  const running = me.start(["login", "./own.json"]);
  const { address, place } = await printed(running);
  const state = new URL(address).searchParams.get("state");
  const iss = encodeURIComponent(server.origin);
  const good = `?code=C&state=${state}&iss=${iss}`;
  const { port } = new URL(place);
  for (const [wrong, options, expected] of /** @type {[string, import("node:http").RequestOptions, number][]} */ ([
    ["?code=C", {}, 400],
    ["?code=C&state=forged", {}, 400],
    ["?error=access_denied", {}, 400],
    ["?error=access_denied&state=forged", {}, 400],
    [`?code=C&state=${state}`, {}, 400],
    [`?code=C&state=${state}&iss=https%3A%2F%2Fevil.test`, {}, 400],
    [`?code=C&code=D&state=${state}&iss=${iss}`, {}, 400],
    [`elsewhere${good}`, {}, 400],
    ["", {}, 400],
    ["favicon.ico", {}, 404],
    [good, { method: "POST" }, 405],
    [good, { method: "HEAD" }, 405],
    [good, { headers: { host: "evil.test" } }, 400],
    [good, { headers: { host: `evil.test:${port}` } }, 400],
    [good, { headers: { "sec-fetch-dest": "image" } }, 400],
    [good, { path: "//[" }, 400],
  ])) {
    assert.equal(await status(place + wrong, options), expected, wrong);
  }
  assert.equal(server.requests.length, 0, "nothing was redeemed");
  assert.equal(await status(place + good, { headers: { "sec-fetch-dest": "document" } }), 200);
  const { status: exit, stderr } = await running.ended;
  assert.equal(exit, 0, stderr);
  assert.equal((await me.run(["token", "./own.json"])).stdout, `${"T".repeat(20)}\n`);
});

test("a place that the provider knows can be waited at, and only on this machine", async () => {
  const me = user();
  const first = me.start(login());
  const { place: taken } = await printed(first);
  const busy = await me.json([...login(), "--set", `redirectUri=${taken}back`]);
  assert.equal(busy.status, 2);
  first.child.kill("SIGINT");
  assert.equal((await first.ended).status, 130);
  const running = me.start([...login(), "--set", `redirectUri=${taken}back`]);
  const { address, place } = await printed(running);
  assert.equal(place, `${taken}back`);
  await fetch(await consent(address));
  assert.equal((await running.ended).status, 0);
  for (const elsewhere of ["https://127.0.0.1:5000/", "http://example.test:5000/", "http://127.0.0.1/", "x"]) {
    const { status: exit, value } = await me.json([...login(), "--set", `redirectUri=${elsewhere}`]);
    assert.deepEqual([exit, value.error.code], [2, "invalid_config"], elsewhere);
  }
});

test("the browser is opened where there is one, with nothing secret in its environment", async () => {
  const me = user();
  const browser = join(me.home, "browser.sh");
  await writeFile(browser, `#!/bin/sh\nenv > "${me.home}/env.txt"\necho "$1" > "${me.home}/opened.txt.part"\nmv "${me.home}/opened.txt.part" "${me.home}/opened.txt"\n`, { mode: 0o700 });
  const running = me.start(login(), { env: { BROWSER: browser, PROPUSK_PASSWORD: "not-for-the-browser" } });
  const { address } = await printed(running);
  const { stdout } = await me.bash(`until [ -e opened.txt ]; do sleep 0.05; done; cat opened.txt env.txt`);
  assert.ok(stdout.startsWith(`${address}\n`));
  assert.ok(!stdout.includes("not-for-the-browser"));
  await fetch(await consent(address));
  assert.equal((await running.ended).status, 0);
});

test("a real browser comes back, and keeps no code in its address", async (t) => {
  const me = user();
  const running = me.start(login());
  const { address, place } = await printed(running);
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(address);
  await page.fill("[name=login]", "demo");
  await page.fill("[name=password]", "demo");
  await page.click("[value=allow]");
  await page.getByText("You are signed in").waitFor();
  await page.waitForURL(place);
  const { status: exit, stderr } = await running.ended;
  assert.equal(exit, 0, stderr);
});
