/** The package with Vue, whose reactive objects are proxies: of the client, of its options, of what it gives. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../support/sandbox.mjs";
import { installed } from "./installed.mjs";

/** The cases of tests/package/fixtures/vue/vue.mjs. */
const CASES = [
  "ref",
  "a member of ref",
  "reactive",
  "reactive itself",
  "readonly",
  "shallowReactive",
  "shallowRef",
  "markRaw",
  "computed",
  "options and credentials that are reactive",
  "a session that is shown",
];

/** @type {Record<string, string>} */
let outcomes;
/** @type {import("../support/sandbox.mjs").Sandbox} */
let box;

before(async () => {
  const [project, started] = await Promise.all([installed("vue"), start()]);
  box = started;
  const { ok, output } = await project.node(["vue.mjs"], { KASSA: box.services["bifit-kassa"].baseUrl });
  assert.ok(ok, output);
  outcomes = JSON.parse(output.trim().split("\n").at(-1) ?? "");
});
after(() => box?.stop());

for (const name of CASES) {
  test(`Vue: ${name}`, () => assert.equal(outcomes[name], "works"));
}

test("Vue: no case is missing here", () => assert.deepEqual(Object.keys(outcomes).sort(), [...CASES].sort()));
