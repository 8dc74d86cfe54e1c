/** A sandbox's end, and that a process ends with it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { connect } from "node:net";
import { test } from "node:test";
import { promisify } from "node:util";
import { folder, open, startSandbox, until } from "./support/box.mjs";

const run = promisify(execFile);

test("close ends every connection, also of requests that hang, are late, or wait for nothing", async () => {
  const box = await open({ latency: 0x7fffffff });
  box.fault("invoicebox", { kind: "hang" });
  const { hostname, port } = new URL(box.urls["smart-satu"]);
  const idle = connect(Number(port), hostname);
  const ended = new Promise((resolve) => idle.once("close", resolve));
  const outcomes = [box.urls.invoicebox, box.urls.bstats].map((url) =>
    fetch(url).then(
      () => "answered",
      () => "cut off",
    ),
  );
  await new Promise((resolve) => idle.once("connect", resolve));
  await until(() => box.requests().length === 2);
  assert.equal(await box.close(), undefined);
  assert.deepEqual(await Promise.all(outcomes), ["cut off", "cut off"]);
  await ended;
  await assert.rejects(fetch(box.urls.invoicebox), (/** @type {any} */ error) => error.cause.code === "ECONNREFUSED");
  assert.equal(box.requests().length, 2, "what was asked can still be read");
  await box.close();
});

test("Symbol.asyncDispose closes as well", async () => {
  const box = await startSandbox();
  await box[Symbol.asyncDispose]();
  await assert.rejects(fetch(box.urls.invoicebox), (/** @type {any} */ error) => error.cause.code === "ECONNREFUSED");
});

/** @type {Record<string, string[]>} */
const PROGRAMS = {
  "ES modules": ["--input-type=module", "--eval", 'import { startSandbox } from "propusk-sandbox"; START'],
  CommonJS: ["--input-type=commonjs", "--eval", 'const { startSandbox } = require("propusk-sandbox"); START'],
};
const START = `startSandbox({ latency: 60000 }).then(async (box) => {
  box.fault("bstats", { kind: "hang" });
  const waiting = Object.values(box.urls).map((url) => fetch(url).catch(() => {}));
  while (box.requests().length < 5) await new Promise((resolve) => setTimeout(resolve, 5));
  await box.close();
  await Promise.all(waiting);
  console.log("closed");
});`;
for (const [system, args] of Object.entries(PROGRAMS)) {
  test(`a process ends when its sandbox is closed (${system})`, async () => {
    // A second way to end would be the test's failure: nothing but the close may let it end within this time.
    const { stdout } = await run(process.execPath, args.map((text) => text.replace("START", START)), { cwd: folder, timeout: 55_000 });
    assert.equal(stdout, "closed\n");
  });
}
