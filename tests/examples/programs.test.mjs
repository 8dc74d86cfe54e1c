/** The examples that run in Node, by `npm install` and `npm start`. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { start } from "../support/sandbox.mjs";
import { EXAMPLES, example } from "./support/example.mjs";

const KASSA = "bifit-kassa";
const box = await start();
after(box.stop);
beforeEach(box.reset);
const KASSA_URL = box.services[KASSA].baseUrl;

test("node-script: the first run signs in, the second finds the session", async () => {
  const { run } = await example("node-script");
  const { code, output } = await run({ KASSA_URL });
  assert.equal(code, 0, output);
  assert.match(output, /first run:\nsigned in as 120041\n200 .*\nsecond run:\nstill signed in as 120041\n200 /);
  assert.deepEqual(await box.counts(KASSA), { login: 1, api: 2 });
});

test("node-script: a wrong password is told to the person, and the status says that it failed", async () => {
  const { run } = await example("node-script");
  const { code, output } = await run({ KASSA_URL, KASSA_PASSWORD: "wrong", LANG: "ru_RU.UTF-8" });
  assert.equal(code, 1, output);
  assert.match(output, /Телефон или пароль не подошли\./);
});

test("node-script: where no address is given, it starts the repository's sandbox, says so, and ends it", async () => {
  const { cargo, run } = await example("node-script");
  const { env, pids } = cargo();
  const { code, output } = await run(env);
  assert.equal(code, 0, output);
  assert.match(output, /KASSA_URL is not set: starting the sandbox.*\nBIFIT Kassa is played at http:\/\/127\.0\.0\.1:\d+\//);
  assert.match(output, /second run:\nstill signed in as 120041\n200 /);
  assert.equal(readFileSync(pids, "utf8").trim().split("\n").length, 1);
  assert.throws(() => process.kill(Number(readFileSync(pids, "utf8")), 0), { code: "ESRCH" });
  assert.equal(await box.total(), 0);
});

test("node-script: where there is no Cargo either, it says what to do", async () => {
  const { folder } = await example("node-script");
  const { status, stderr } = spawnSync(process.execPath, ["start.mjs"], { cwd: folder, env: { PATH: folder }, encoding: "utf8" });
  assert.equal(status, 1, stderr);
  assert.match(stderr, /cannot start Cargo: install Rust \(https:\/\/rustup\.rs\), or set KASSA_URL/);
});

test("express: each user has a session of their own, renewed once for all their requests", async () => {
  const { folder, serve } = await example("express");
  const site = await serve({ KASSA_URL, PORT: "0" });
  /** @param {string} path @param {{ body?: object, cookie?: string, language?: string }} [how] */
  const ask = (path, { body, cookie = "", language = "en" } = {}) =>
    fetch(site + path, {
      method: path === "goods" ? "GET" : "POST",
      headers: { cookie, "accept-language": language, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  /** @param {string} phone @param {string} password */
  const signIn = async (phone, password) => {
    const response = await ask("login", { body: { phone, password } });
    assert.equal(response.status, 200, await response.clone().text());
    const [cookie] = response.headers.getSetCookie();
    assert.match(cookie, /^user=[0-9a-f-]{36}; Path=\/; HttpOnly; SameSite=Strict$/);
    return cookie.split(";")[0];
  };

  assert.match(await (await fetch(site)).text(), /<form>/);
  const [one, two] = [await signIn("79990000001", "secret"), await signIn("79990000004", "пароль")];
  assert.equal((await ask("goods")).status, 401);
  const [first, second] = await Promise.all([one, two].map(async (cookie) => (await ask("goods", { cookie })).json()));
  assert.notEqual(first.user_id, second.user_id);

  // Many at once with a token that is over: one renewal, by the store's lock.
  await box.expire(KASSA);
  await box.clear();
  const statuses = await Promise.all(Array.from({ length: 8 }, async () => (await ask("goods", { cookie: one })).status));
  assert.deepEqual(statuses, Array(8).fill(200));
  assert.equal((await box.journal(KASSA)).filter(({ purpose }) => purpose === "refresh").length, 1);

  assert.equal((await ask("logout", { cookie: one })).status, 200);
  const over = await ask("goods", { cookie: one, language: "ru" });
  assert.deepEqual([over.status, await over.json()], [401, { error: "Сеанс завершён. Войдите ещё раз." }]);
  assert.equal((await ask("goods", { cookie: two })).status, 200);

  const wrong = await ask("login", { body: { phone: "79990000001", password: "wrong" }, language: "ru" });
  assert.deepEqual([wrong.status, await wrong.json()], [401, { error: "Телефон или пароль не подошли. Проверьте их и попробуйте ещё раз." }]);
  assert.equal((await ask("login", { body: {} })).status, 400);
  assert.ok(readdirSync(join(folder, "sessions")).length > 0);
});

test("every example asks for the version that is built here", () => {
  const { version } = JSON.parse(execFileSync("tar", ["-xzOf", process.env.PROPUSK_TARBALL ?? "", "package/package.json"], { encoding: "utf8" }));
  const folders = readdirSync(EXAMPLES, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  assert.equal(folders.length, 7);
  for (const { name } of folders) {
    const { dependencies } = JSON.parse(readFileSync(join(EXAMPLES, name, "package.json"), "utf8"));
    assert.equal(dependencies.propusk, `file:../../target/propusk-${version}.tgz`, name);
  }
});

test("jest: the tests of the program pass", async () => {
  const { run } = await example("jest");
  const { code, output } = await run({});
  assert.equal(code, 0, output);
  assert.match(output, /Tests: +5 passed/);
});

test("vitest: the tests of the program pass", async () => {
  const { run } = await example("vitest");
  const { code, output } = await run({});
  assert.equal(code, 0, output);
  assert.match(output, /Tests {2}8 passed/);
});
