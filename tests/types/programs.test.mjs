/** Programs in TypeScript, against the package's declarations and against the contract; one of them runs. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { RESOLUTIONS, SHARED, compile, folder } from "../support/compile.mjs";
import { start } from "../support/sandbox.mjs";

const run = promisify(execFile);

for (const [resolution, options] of Object.entries(RESOLUTIONS)) {
  test(`the programs compile against the package, resolved as ${resolution}`, async () => {
    assert.equal(await compile(`package-${resolution}`, { options }), "");
  });

  test(`the same programs compile against the contract, resolved as ${resolution}`, { skip: !SHARED }, async () => {
    assert.equal(await compile(`contract-${resolution}`, { options, contract: true }), "");
  });
}

test("a program that is CommonJS compiles against the declarations for CommonJS", async () => {
  // With this option on, CommonJS may not be written with `import`.
  const options = { ...RESOLUTIONS.nodenext, verbatimModuleSyntax: false };
  assert.equal(await compile("common", { options, files: ["common.cts"] }), "");
  const traced = await compile("traced", { options: { ...options, listFiles: true }, files: ["common.cts"] });
  assert.match(traced, /propusk\/dist\/index\.d\.cts/);
});

test("what must not compile does not: the compiler does see the package", async () => {
  const file = "broken.ts";
  writeFileSync(join(folder, file), `import { AuthClient } from "propusk";\nexport const client = AuthClient.create({ provider: "none" });\n`);
  assert.match(await compile("broken", { options: RESOLUTIONS.nodenext, files: [file] }), /broken\.ts\(2,\d+\): error TS/);
});

test("a program written against the contract signs in to each of the five services", async () => {
  // Compiled against the contract where it is there: nothing that only the package has can have helped.
  const out = join(folder, "out");
  mkdirSync(out);
  assert.equal(await compile("run", { options: RESOLUTIONS.bundler, contract: Boolean(SHARED), files: ["services.ts"], out }), "");
  const box = await start();
  after(box.stop);
  const { stdout, stderr } = await run(process.execPath, [join(out, "services.js"), JSON.stringify(box.services)], { timeout: 60_000 });
  assert.equal(stderr, "");
  assert.deepEqual(
    JSON.parse(stdout).map((/** @type {{ provider: string, renewable: boolean }} */ { provider, renewable }) => [provider, renewable]),
    [["bifit-kassa", true], ["invoicebox", false], ["mobile-smarts", true], ["bstats", false], ["smart-satu", true]],
  );
  const wrong = (await box.journal()).filter(({ verdict }) => verdict !== "ok");
  assert.deepEqual(wrong.map(({ service, purpose }) => [service, purpose]), [["bifit-kassa", "login"]], "but for the login that asks for a second step");
});
