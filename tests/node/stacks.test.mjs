/** An error's stack begins at the line that called, and an uncaught one does not print the package. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { project } from "../support/package.mjs";
import { ACCOUNTS } from "../support/sandbox.mjs";
import { failure, suite } from "../support/suite.mjs";

const KASSA = "bifit-kassa";
const { create, propusk, signedIn } = await suite();
const { AuthClient } = propusk;

/** The first line of a stack that is a place. @param {any} error */
const first = (error) => error.stack.split("\n").find((/** @type {string} */ line) => /^\s+at /.test(line));

test("every method: the first line is the caller's, and the message goes before it", async () => {
  const client = await signedIn(KASSA, { retries: 0 });
  const lost = await create(KASSA, { retries: 0, fetch: () => Promise.reject(new TypeError("no")) });
  await lost.setSession({ accessToken: "a", refreshToken: "r" });
  const mistake = /** @type {any} */ (5);
  for (const call of [
    async function here() { await AuthClient.create(mistake); },
    async function here() { await AuthClient.create({ provider: KASSA, timeout: -1 }); },
    async function here() { await client.login(mistake); },
    async function here() { await client.login({ ...ACCOUNTS[KASSA], password: "wrong" }); },
    async function here() { await client.confirm("1"); },
    async function here() { await client.setSession(mistake); },
    async function here() { await client.authorizationUrl(); },
    async function here() { await client.handleRedirect("https://app.example/"); },
    async function here() { await client.refresh({ timeout: -1 }); },
    async function here() { await client.check(); },
    async function here() { await client.fetch("https://elsewhere.example/"); },
    async function here() { await client.fetch("x", { headers: { authorization: "x" } }); },
    async function here() { await client.problem(mistake); },
    async function here() { await lost.refresh(); },
    async function here() { await lost.fetch("x"); },
  ]) {
    const error = await failure(call());
    assert.match(first(error), /\bhere\b.*stacks\.test\.mjs/, `${call}\n${error.stack}`);
    assert.ok(error.stack.startsWith(`AuthError: ${error.message}`), error.stack);
  }
});

test("an uncaught error prints the line that called, and no more than that", () => {
  const path = join(project(), "uncaught.mjs");
  writeFileSync(path, `import { AuthClient } from "propusk";\nconst client = await AuthClient.create({ provider: "bifit-kassa" });\nawait client.login({ username: process.env.NOBODY, password: "x" });\n`);
  const { stderr, status } = spawnSync(process.execPath, [path], { encoding: "utf8" });
  assert.equal(status, 1);
  assert.match(stderr, /AuthError: `username` must be given/);
  assert.match(stderr, /uncaught\.mjs:3:\d+/);
  assert.ok(stderr.length < 2000, stderr);
});
