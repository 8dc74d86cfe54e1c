/** An error that nobody catches, as Node prints it: lines that a person can read, and among them the caller's own. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { project } from "../support/package.mjs";
import { suite } from "../support/suite.mjs";

const { box } = await suite();
const { baseUrl } = box.services["bifit-kassa"];

/** The longest line that is still one of a page of source, and the longest that such an end may print. */
const LINE = 300;
const ALL = 4000;

/** Programs that end with an error, by what fails; the line that fails ends with the mark. @type {Record<string, string>} */
const PROGRAMS = {
  "create with a wrong option": `await AuthClient.create({ provider: "bifit-kassa", baseUrl: "nowhere" }); // here`,
  "create without options": `await AuthClient.create(); // here`,
  "a login without credentials": `const client = await AuthClient.create({ provider: "bifit-kassa", baseUrl: ${JSON.stringify(baseUrl)} });
await client.login({ username: process.env.NOBODY_SETS_THIS, password: "x" }); // here`,
  "a login that is refused": `const client = await AuthClient.create({ provider: "bifit-kassa", baseUrl: ${JSON.stringify(baseUrl)} });
await client.login({ username: "79990000001", password: "wrong" }); // here`,
  "a call without a session": `const client = await AuthClient.create({ provider: "bifit-kassa", baseUrl: ${JSON.stringify(baseUrl)} });
await client.fetch("goods"); // here`,
  "a token without a session": `const client = await AuthClient.create({ provider: "bifit-kassa", baseUrl: ${JSON.stringify(baseUrl)} });
await client.getAccessToken(); // here`,
  "a client that was closed": `const client = await AuthClient.create({ provider: "bifit-kassa", baseUrl: ${JSON.stringify(baseUrl)} });
client.close();
await client.refresh(); // here`,
};

const LOADS = {
  mjs: (/** @type {string} */ body) => `import { AuthClient } from "propusk";\n${body}\n`,
  cjs: (/** @type {string} */ body) => `const { AuthClient } = require("propusk");\n(async () => {\n${body}\n})();\n`,
};

for (const [kind, load] of Object.entries(LOADS)) {
  for (const [what, body] of Object.entries(PROGRAMS)) {
    test(`${what} (${kind}): what Node prints is short, and names the caller's line first`, async () => {
      const source = load(body);
      const path = join(project(), `uncaught.${kind}`);
      writeFileSync(path, source);
      const child = spawn(process.execPath, [path], { stdio: ["ignore", "pipe", "pipe"] });
      const [[code], printed] = await Promise.all([once(child, "close"), text(child.stderr)]);
      assert.equal(code, 1);
      const lines = printed.split("\n");
      assert.ok(printed.length < ALL, `${printed.length} characters`);
      for (const line of lines) assert.ok(line.length < LINE, `a line of ${line.length} characters: ${line.slice(0, 100)}`);
      assert.match(printed, /AuthError: .+/);
      const here = source.split("\n").findIndex((line) => line.includes("// here")) + 1;
      const [first] = lines.filter((line) => /^\s+at /.test(line));
      assert.match(first ?? "", new RegExp(`uncaught\\.${kind}:${here}:`), printed);
      assert.doesNotMatch(printed, /wasm-function/);
    });
  }
}
