/**
 * Runs test files with Node's test runner, which begins them in the order in which they are given; on its own command line, it would
 * sort them by name. How it went goes to standard output, and into files which of them failed, or what came of each test.
 *
 *     node tests/support/run.mjs [--test-concurrency=N] [--failing=FILE] [--outcomes=FILE] FILES...
 */
import { createWriteStream } from "node:fs";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { parseArgs } from "node:util";
import failing from "./failing.mjs";
import outcomes from "./outcomes.mjs";

const { values, positionals: files } = parseArgs({
  options: { "test-concurrency": { type: "string", default: "1" }, failing: { type: "string" }, outcomes: { type: "string" } },
  allowPositionals: true,
});

const tests = run({ files, concurrency: Number(values["test-concurrency"]) });
tests.on("test:fail", () => void (process.exitCode = 1));
tests.compose(new spec()).pipe(process.stdout);
if (values.failing) tests.compose(failing).pipe(createWriteStream(values.failing));
if (values.outcomes) tests.compose(outcomes).pipe(createWriteStream(values.outcomes));
