/** The package in an application's own tests with Vitest, in its two environments that play a page, and in Node's. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { start } from "../support/sandbox.mjs";
import { installed } from "./installed.mjs";

/** What the tests of tests/package/fixtures/vitest are called. */
const TESTS = [
  "signs in to a server, calls it, renews",
  "tells a wrong password",
  "signs in where `fetch` is a function of the test",
  "signs in where the test replaces the global fetch",
  "a method may be watched, and stand for another",
  "keeps the session in the environment's storage",
  "a call that the environment's own signal aborts rejects with its reason",
  "starts a redirect",
  "works under fake timers: as Vitest has them",
  "works under fake timers: all that there are",
  "works on after fake timers are gone",
];

/** @type {Awaited<ReturnType<typeof installed>>} */
let project;
/** @type {import("../support/sandbox.mjs").Sandbox} */
let box;

before(async () => {
  [project, box] = await Promise.all([installed("vitest"), start()]);
});
after(() => box?.stop());

for (const environment of ["jsdom", "happy-dom"]) {
  describe(environment, () => {
    /** @type {Map<string, { status: string, message: string }>} */
    let outcomes;
    let output = "";

    before(async () => {
      const file = join(project.folder, `${environment}.json`);
      const args = ["node_modules/vitest/vitest.mjs", "run", `--environment=${environment}`, "--reporter=json", `--outputFile=${file}`];
      ({ output } = await project.node(args, { KASSA: box.services["bifit-kassa"].baseUrl, BSTATS: box.services.bstats.baseUrl }));
      const report = JSON.parse(await readFile(file, "utf8").catch(() => assert.fail(`Vitest wrote no report: ${output}`)));
      const results = report.testResults.flatMap(({ assertionResults }) => assertionResults);
      outcomes = new Map(results.map(({ title, status, failureMessages }) => [title, { status, message: failureMessages.join("\n") }]));
    });

    for (const name of TESTS) {
      test(name, () => {
        const outcome = outcomes.get(name);
        assert.ok(outcome, `Vitest did not run it: ${[...outcomes.keys()].join(", ")}\n${output}`);
        assert.equal(outcome.status, "passed", outcome.message);
      });
    }

    test("no test of the file is missing here", () => assert.deepEqual([...outcomes.keys()].sort(), [...TESTS].sort()));
  });
}
