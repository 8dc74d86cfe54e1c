import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { build } from "esbuild";
import { consumer } from "./consumer.mjs";

/** @type {string} */
let dist;

before(async () => {
  ({ dist } = await consumer());
});

const ENTRIES = ["index.js", "index.cjs", "core.js", "core.cjs", "rest.js", "rest.cjs", "keeping.js", "keeping.cjs", "extras.js", "extras.cjs", "slim.js", "slim.cjs", "workerd.js", "edge.js", "redis.js", "redis.cjs"];

/** Run in Node alone. */
const NODE = ["node.js", "node.cjs"];

/** What some bundler, runtime or policy does not bear. */
const FORBIDDEN = {
  "the script's own address": /import\.meta|document\.currentScript|__dirname|__filename/,
  "code made from text": /\bnew Function\b|[^.\w`]Function\(|\beval\(/,
  "synchronous compilation": /new WebAssembly\.(Module|Instance)\b/,
  "a module of Node": /["'](node:[a-z]|fs["']|path["']|crypto["']|module["'])/,
  "a change of the environment": /\b(globalThis|window|self|global)\.[\w$]+\s*=[^=]/,
};

for (const name of [...ENTRIES, ...NODE]) {
  test(`${name} holds nothing that a host refuses`, async () => {
    const text = (await readFile(join(dist, name), "utf8")).replace(/"[0-9a-f]{1000,}"/, '""');
    for (const [what, pattern] of Object.entries(FORBIDDEN)) {
      if (what === "a module of Node" && NODE.includes(name)) continue;
      assert.equal(pattern.exec(text)?.[0], undefined, what);
    }
  });
}

test("the stores bring no second copy of the client", async () => {
  for (const name of ["node.js", "redis.js"]) {
    const text = await readFile(join(dist, name), "utf8");
    assert.deepEqual([...new Set(text.match(/from"\.[^"]*"/g))], ['from"./index.js"'], name);
    assert.ok(!text.includes("propusk.AuthError"), `${name} has the class of errors itself`);
  }
});

test("the scripts wait for nothing while they load", async () => {
  // Older targets have no top-level await, so a bundler for them refuses one.
  for (const name of [...ENTRIES, ...NODE].filter((name) => name.endsWith(".js"))) {
    const options = { bundle: true, write: false, target: "es2021", external: ["*.wasm", "*.wasm?module", "node:*"] };
    await build({ ...options, entryPoints: [join(dist, name)], format: "esm", logLevel: "silent" });
  }
});

test("the first script is small and brings in the second one only when asked to", async () => {
  const [first, second] = await Promise.all(["index.js", "core.js"].map((name) => readFile(join(dist, name), "utf8")));
  assert.ok(first.length < second.length / 2, `${first.length} and ${second.length} characters`);
  assert.deepEqual(first.match(/\bimport\b[^)]*\)?/g), ['import("./core.js")']);
  assert.ok(!first.includes("WebAssembly.instantiate("));
});

test("each script of an edge runtime imports the compiled module in that runtime's way", async () => {
  const imports = async (name) => (await readFile(join(dist, name), "utf8")).match(/from"[^"]*"/g);
  assert.deepEqual(await imports("workerd.js"), ['from"./module.wasm"']);
  assert.deepEqual(await imports("edge.js"), ['from"./module.wasm?module"']);
});
