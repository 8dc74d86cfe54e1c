/** The package in an application's own tests with Jest: in Node's environment and in those that play a page. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { start } from "../support/sandbox.mjs";
import { installed } from "./installed.mjs";

/** What the files of tests/package/fixtures/jest/tests test. */
const FILES = {
  timers: [
    "create, login, fetch, token, refresh, close: as Jest has them",
    "create, login, fetch, token, refresh, close: all but the tasks",
    "create, login, fetch, token, refresh, close: the clock alone",
    "create, login, fetch, token, refresh, close: those of old",
    "a token ends when the test's clock says so",
    "a pause before a repetition is a timer of the test's clock",
    "a renewal ahead of expiry is a timer of the test's clock",
    "a timeout is a timer of the test's clock",
    "what was begun under fake timers goes on after them, and what comes later too",
  ],
  server: [
    "signs in to a server, calls it, renews",
    "tells a wrong password",
    "an option that the test makes of its own realm's objects is read",
    "two copies of the package know each other's errors",
  ],
  bare: [
    "the environment is as bare as this test takes it to be",
    "every call settles: with what it is for, or with an AuthError that says what to do",
  ],
};

/** Which files run where: jsdom of itself has no `fetch`, and jest-fixed-jsdom gives it Node's. @type {[string, (keyof typeof FILES)[]][]} */
const ENVIRONMENTS = [
  ["node", ["timers", "server"]],
  ["jest-fixed-jsdom", ["timers", "server"]],
  ["jsdom", ["bare"]],
];

/** @type {Awaited<ReturnType<typeof installed>>} */
let project;
/** @type {import("../support/sandbox.mjs").Sandbox} */
let box;

before(async () => {
  [project, box] = await Promise.all([installed("jest"), start()]);
});
after(() => box?.stop());

for (const [environment, files] of ENVIRONMENTS) {
  describe(environment, () => {
    /** @type {Map<string, { status: string, message: string }>} */
    let outcomes;
    let output = "";

    before(async () => {
      const report = join(project.folder, `${environment}.json`);
      const args = ["node_modules/jest/bin/jest.js", `--env=${environment}`, "--ci", "--json", `--outputFile=${report}`, ...files.map((file) => `tests/${file}.test.js`)];
      ({ output } = await project.node(args, { KASSA: box.services["bifit-kassa"].baseUrl }));
      const { testResults } = JSON.parse(await readFile(report, "utf8").catch(() => assert.fail(`Jest wrote no report: ${output}`)));
      const results = testResults.flatMap(({ assertionResults }) => assertionResults);
      outcomes = new Map(results.map(({ title, status, failureMessages }) => [title, { status, message: failureMessages.join("\n") }]));
    });

    for (const name of files.flatMap((file) => FILES[file])) {
      test(name, () => {
        const outcome = outcomes.get(name);
        assert.ok(outcome, `Jest did not run it: ${[...outcomes.keys()].join(", ")}\n${output}`);
        assert.equal(outcome.status, "passed", outcome.message);
      });
    }

    test("no test of the files is missing here", () => assert.deepEqual([...outcomes.keys()].sort(), files.flatMap((file) => FILES[file]).sort()));
  });
}
