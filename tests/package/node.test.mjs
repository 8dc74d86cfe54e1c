import assert from "node:assert/strict";
import { before, test } from "node:test";
import { consumer, USE, USED } from "./consumer.mjs";

/** @type {Awaited<ReturnType<typeof consumer>>} */
let project;

/** Prints what changed in the environment while `load` ran. */
const quiet = (load) => `
const before = Object.getOwnPropertyNames(globalThis);
const touched = [];
for (const name of ["fetch", "setTimeout", "setInterval", "queueMicrotask"]) {
  globalThis[name] = () => touched.push(name);
}
for (const name of ["instantiate", "compile", "Module", "Instance"]) {
  Object.defineProperty(WebAssembly, name, { value: () => touched.push(name) });
}
${load}
const added = Object.getOwnPropertyNames(globalThis).filter((name) => !before.includes(name));
console.log(JSON.stringify({ added, touched, exported: Object.keys(loaded).sort() }));
`;

const NAMES = ["AuthClient", "AuthError", "isAuthError", "providers"];

/** What the stores throw is of the class that the client's script exports. */
const REFUSED = `
for (const make of [fileStore, redisStore]) {
  try {
    make(1);
  } catch (error) {
    console.log(error instanceof AuthError, error.code);
  }
}
`;

before(async () => {
  project = await consumer({
    "import.mjs": `import { AuthClient } from "propusk";${USE}`,
    "require.cjs": `const { AuthClient } = require("propusk"); (async () => {${USE}})();`,
    "quiet-import.mjs": quiet(`const loaded = await import("propusk");`),
    "quiet-require.cjs": quiet(`const loaded = require("propusk");`),
    "quiet-slim.mjs": quiet(`const loaded = await import("propusk/slim");`),
    "quiet-node.mjs": quiet(`const loaded = await import("propusk/node");`),
    "quiet-redis.mjs": quiet(`const loaded = await import("propusk/redis");`),
    "stores.mjs": `
      import { AuthError } from "propusk";
      import { fileStore } from "propusk/node";
      import { redisStore } from "propusk/redis";${REFUSED}`,
    "stores.cjs": `
      const { AuthError } = require("propusk");
      const { fileStore } = require("propusk/node");
      const { redisStore } = require("propusk/redis");${REFUSED}`,
    "slim.mjs": `
      import { readFile } from "node:fs/promises";
      import { AuthClient, ready } from "propusk/slim";
      await ready(readFile(new URL(import.meta.resolve("propusk/module.wasm"))));${USE}`,
    "slim.cjs": `
      const { readFileSync } = require("node:fs");
      const { AuthClient, ready } = require("propusk/slim");
      ready(readFileSync(require.resolve("propusk/module.wasm"))).then(async () => {${USE}});`,
  });
});

test("import", async () => assert.equal(await project.node("import.mjs"), USED));

test("require", async () => assert.equal(await project.node("require.cjs"), USED));

test("import of the package without the module", async () => assert.equal(await project.node("slim.mjs"), USED));

test("require of the package without the module", async () => assert.equal(await project.node("slim.cjs"), USED));

for (const script of ["stores.mjs", "stores.cjs"]) {
  test(`${script}: the stores refuse with the package's own class of errors`, async () => {
    assert.equal(await project.node(script), "true invalid_config\n".repeat(2));
  });
}

for (const [script, exported] of [
  ["quiet-import.mjs", NAMES],
  ["quiet-require.cjs", NAMES],
  ["quiet-slim.mjs", [...NAMES, "ready"]],
  ["quiet-node.mjs", ["fileStore", "listSessions", "removeSession"]],
  ["quiet-redis.mjs", ["listSessions", "redisStore", "removeSession"]],
]) {
  test(`${script}: loading the package does nothing but define its names`, async () => {
    assert.deepEqual(JSON.parse(await project.node(script)), { added: [], touched: [], exported: [...exported].sort() });
  });
}
