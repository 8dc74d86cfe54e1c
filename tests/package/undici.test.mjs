/** The package with undici of npm as the caller's `fetch`: it takes no Request but its own. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../support/sandbox.mjs";
import { installed } from "./installed.mjs";

/** @type {Record<string, unknown>} */
let outcomes;
/** @type {import("../support/sandbox.mjs").Sandbox} */
let box;

before(async () => {
  const [project, started] = await Promise.all([installed("undici"), start()]);
  box = started;
  const { ok, output } = await project.node(["undici.mjs"], { KASSA: box.services["bifit-kassa"].baseUrl });
  assert.ok(ok, output);
  outcomes = JSON.parse(output.trim().split("\n").at(-1) ?? "");
});
after(() => box?.stop());

/** @type {[string, unknown][]} */
const EXPECTED = [
  ["a path", 200],
  ["a URL", 200],
  ["a Request", 200],
  ["a Request with a signal", 200],
  ["a Request with a body", 200],
  ["a Request and an init", 200],
  ["Headers of the platform", 200],
  ["a renewal", "120041"],
];

for (const [name, outcome] of EXPECTED) {
  test(`undici: ${name}`, () => assert.equal(outcomes[name], outcome));
}

test("undici: no case is missing here", () => assert.deepEqual(Object.keys(outcomes), EXPECTED.map(([name]) => name)));
