import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { consumer } from "./consumer.mjs";

/** @type {string} */
let installed;

before(async () => {
  const { folder } = await consumer();
  installed = join(folder, "node_modules/propusk");
});

test("the tarball holds what is meant to be published and nothing else", async () => {
  const files = await readdir(installed, { recursive: true, withFileTypes: true });
  const names = files.filter((file) => file.isFile()).map((file) => join(file.path, file.name).slice(installed.length + 1));
  assert.deepEqual(names.sort(), [
    "CHANGELOG.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "README.ru.md",
    "THIRD-PARTY.md",
    "dist/cli.js",
    "dist/core.cjs",
    "dist/core.js",
    "dist/edge.js",
    "dist/extras.cjs",
    "dist/extras.js",
    "dist/extras.wasm",
    "dist/index.cjs",
    "dist/index.d.cts",
    "dist/index.d.ts",
    "dist/index.js",
    "dist/keeping.cjs",
    "dist/keeping.js",
    "dist/messages.cjs",
    "dist/messages.d.cts",
    "dist/messages.d.ts",
    "dist/messages.js",
    "dist/module.wasm",
    "dist/node.cjs",
    "dist/node.d.cts",
    "dist/node.d.ts",
    "dist/node.js",
    "dist/react.cjs",
    "dist/react.d.cts",
    "dist/react.d.ts",
    "dist/react.js",
    "dist/redis.cjs",
    "dist/redis.d.cts",
    "dist/redis.d.ts",
    "dist/redis.js",
    "dist/relay-edge.js",
    "dist/relay-workerd.js",
    "dist/relay.cjs",
    "dist/relay.d.cts",
    "dist/relay.d.ts",
    "dist/relay.js",
    "dist/relay.wasm",
    "dist/rest.cjs",
    "dist/rest.js",
    "dist/slim.cjs",
    "dist/slim.d.cts",
    "dist/slim.d.ts",
    "dist/slim.js",
    "dist/vue.cjs",
    "dist/vue.d.cts",
    "dist/vue.d.ts",
    "dist/vue.js",
    "dist/workerd.js",
    "messages/package.json",
    "module.wasm/package.json",
    "node/package.json",
    "package.json",
    "react/package.json",
    "redis/package.json",
    "relay/package.json",
    "sbom.cdx.json",
    "slim/package.json",
    "vue/package.json",
  ]);
});

test("the licences of everything in the module go along, and name no folder", async () => {
  const text = await readFile(join(installed, "THIRD-PARTY.md"), "utf8");
  // Each under its own copyright; some of these are under no other licence than MIT.
  for (const name of ["the standard library of Rust", "wasm-bindgen 0", "sha2 0", "talc 5", "slab 0", "bytes 1", "serde-wasm-bindgen 0"]) assert.ok(text.includes(name), name);
  const sections = text.split("\n## ").slice(1);
  assert.ok(sections.length > 10);
  for (const section of sections) assert.match(section, /copyright/i, section.slice(0, 100));
  assert.ok(!/\/(home|root|work|Users)\//.test(text));
});

test("the bill of materials names each of these crates, with a version and a licence that tools can read", async () => {
  const { bomFormat, specVersion, metadata, components } = JSON.parse(await readFile(join(installed, "sbom.cdx.json"), "utf8"));
  assert.deepEqual([bomFormat, specVersion], ["CycloneDX", "1.6"]);
  const { version } = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
  assert.equal(metadata.component.purl, `pkg:npm/propusk@${version}`);
  const notice = await readFile(join(installed, "THIRD-PARTY.md"), "utf8");
  for (const { name, version, purl, licenses } of components) {
    assert.equal(purl, `pkg:cargo/${name}@${version}`);
    assert.match(licenses[0].expression, /^[\w.+() -]+$/, name);
    assert.ok(notice.includes(`${name} ${version} (`), name);
  }
  assert.equal(new Set(components.map((/** @type {any} */ each) => each.purl)).size, components.length);
  assert.ok(components.length > 10);
});

test("the manifest asks for nothing to be installed or run", async () => {
  const manifest = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
  assert.match(manifest.version, /^\d+\.\d+\.\d+$/);
  assert.notEqual(manifest.version, "0.0.0");
  for (const field of ["dependencies", "optionalDependencies", "scripts"]) {
    assert.equal(manifest[field], undefined, field);
  }
  assert.deepEqual(manifest.bin, { propusk: "./dist/cli.js" });
  for (const peer of Object.keys(manifest.peerDependencies)) {
    assert.deepEqual(manifest.peerDependenciesMeta[peer], { optional: true }, peer);
  }
});

test("the entries for edge runtimes carry no store of a browser", async () => {
  for (const name of ["edge.js", "workerd.js"]) {
    assert.doesNotMatch(await readFile(join(installed, "dist", name), "utf8"), /BroadcastChannel|indexedDB|\bsessionStorage\b(?!"?}? here)/, name);
  }
});

test("nothing names a folder of the machine it was built on", async () => {
  for (const name of await readdir(join(installed, "dist"))) {
    const text = await readFile(join(installed, "dist", name), "latin1");
    assert.equal(/\/(home|root|Users)\/|\.cargo\b/.exec(text)?.[0], undefined, name);
  }
});
