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

/** @type {Record<string, string>} */
const MISTAKES = {
  "a provider that there is none of": '{ provider: "none" }',
  "an option that is misspelt": '{ provider: "bifit-kassa", refreshBefor: 1 }',
  "an option of another provider": '{ provider: "invoicebox", method: "basic" }',
  "an option of a wrong type": '{ provider: "bifit-kassa", timeout: "1" }',
  "a required option left out": '{ provider: "mobile-smarts" }',
};

for (const [what, given] of Object.entries(MISTAKES)) {
  for (const make of ["create", "lazy"]) {
    test(`what must not compile does not: ${what}, given to ${make}`, async () => {
      const name = `broken-${make}-${Object.keys(MISTAKES).indexOf(what)}`;
      writeFileSync(join(folder, `${name}.ts`), `import { AuthClient } from "propusk";\nexport const client = AuthClient.${make}(${given});\n`);
      assert.match(await compile(name, { options: RESOLUTIONS.nodenext, files: [`${name}.ts`] }), /ts\(2,\d+\): error TS/);
    });
  }
}

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
