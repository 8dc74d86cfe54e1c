/** The bundlers that people use, each without a word of configuration about WebAssembly. */
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { brotliCompressSync } from "node:zlib";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { rollup } from "@rollup/wasm-node";
import { build as esbuild } from "esbuild";
import { build as vite } from "vite";
import webpack from "webpack";
import { consumer, USE, USED } from "./consumer.mjs";

/** @type {Awaited<ReturnType<typeof consumer>>} */
let project;

before(async () => {
  project = await consumer({
    "main.js": `import { AuthClient } from "propusk"; (async () => {${USE}})();`,
    "unused.js": `import { AuthClient } from "propusk"; console.log("nothing");`,
    "entries.js": `
      import { ready } from "propusk/slim";
      import { fileStore } from "propusk/node";
      import { redisStore } from "propusk/redis";
      import { userMessage } from "propusk/messages";
      import { useSession } from "propusk/react";
      import { useSession as followed } from "propusk/vue";
      const address = new URL("propusk/module.wasm", import.meta.url);
      console.log(...[ready, fileStore, redisStore, userMessage, useSession, followed, address].map((found) => typeof found));`,
    "framework.js": ["useSyncExternalStore", "getCurrentInstance", "getCurrentScope", "hasInjectionContext", "onMounted", "onScopeDispose", "shallowRef", "toRaw"]
      .map((name) => `export const ${name} = undefined;`)
      .join("\n"),
    "index.html": `<!doctype html><script type="module" src="./main.js"></script>`,
  });
});

/**
 * The scripts in a folder; exactly one of them, and not the first that runs, holds the module.
 *
 * @param {string} folder
 */
async function scripts(folder) {
  const names = await readdir(folder, { recursive: true });
  assert.deepEqual(names.filter((name) => name.endsWith(".wasm")), [], "no file of its own for the module");
  const texts = await Promise.all(
    names.filter((name) => name.endsWith("js")).map(async (name) => [name, await readFile(join(folder, name), "utf8")]),
  );
  // Several texts make the module, one of which is long and nowhere else.
  const [, part = ""] = (await readFile(join(project.dist, "core.js"), "utf8")).match(/"([^"\n]{20000,})"/) ?? [];
  assert.ok(part);
  const heavy = texts.filter(([, text]) => text.includes(part));
  assert.equal(heavy.length, 1, `one script with the module among ${names.join(", ")}`);
  assert.ok(texts.length > 1, "the module is apart from the first script");
  const light = texts.filter((script) => script !== heavy[0]);
  for (const [name, text] of light) assert.equal(/\bid:\s*["'`]bifit-kassa/.test(text), false, `${name} has the pages of providers, which nobody uses`);
  return light;
}

test("esbuild, split", async () => {
  const outdir = join(project.folder, "esbuild");
  await esbuild({ entryPoints: [join(project.folder, "main.js")], outdir, bundle: true, splitting: true, format: "esm", minify: true });
  await scripts(outdir);
  assert.equal(await project.node("esbuild/main.js"), USED);
});

test("esbuild, one script of each kind", async () => {
  for (const [format, name] of [["esm", "one.mjs"], ["cjs", "one.cjs"], ["iife", "one-iife.cjs"]]) {
    const outfile = join(project.folder, name);
    const entryPoints = [join(project.folder, "main.js")];
    await esbuild({ entryPoints, outfile, bundle: true, format: /** @type {any} */ (format), minify: true });
    assert.equal(await project.node(name), USED, format);
  }
});

test("Vite", async () => {
  await vite({ root: project.folder, configFile: false, logLevel: "error", build: { outDir: "vite" } });
  await scripts(join(project.folder, "vite"));
});

/** @param {import("webpack").Configuration} configuration */
async function packed(configuration) {
  const made = new Promise((resolve, reject) => {
    // How large a script may be is the application's decision, and its default a warning.
    const common = { mode: "production", context: project.folder, entry: "./main.js", performance: { hints: false } };
    webpack(/** @type {any} */ ({ ...common, ...configuration }), (error, stats) => {
      if (error) reject(error);
      else resolve(stats);
    });
  });
  const stats = await made;
  assert.equal(stats.hasErrors() || stats.hasWarnings(), false, stats.toString());
}

test("webpack", async () => {
  const path = join(project.folder, "webpack");
  await packed({ output: { path } });
  await scripts(path);
});

test("webpack for Node", async () => {
  const path = join(project.folder, "webpack-node");
  await packed({ target: "node", output: { path, filename: "main.cjs", chunkFilename: "[id].cjs" } });
  await scripts(path);
  assert.equal(await project.node("webpack-node/main.cjs"), USED);
});

test("a bundler that knows no `exports` finds every entry", async () => {
  const path = join(project.folder, "webpack-old");
  const alias = Object.fromEntries(["react", "vue"].map((name) => [name, join(project.folder, "framework.js")]));
  const resolve = { exportsFields: [], mainFields: ["module", "main"], alias };
  const module = { rules: [{ resolve: { fullySpecified: false } }] };
  await packed({ target: "node", entry: "./entries.js", resolve, module, output: { path, filename: "main.cjs", assetModuleFilename: "[name][ext]" } });
  assert.equal(await project.node("webpack-old/main.cjs"), "function function function function function function object\n");
  assert.deepEqual(await readFile(join(path, "module.wasm")), await readFile(join(project.dist, "module.wasm")));
});

test("Rollup", async () => {
  const bundle = await rollup({
    input: join(project.folder, "main.js"),
    plugins: [nodeResolve()],
    onwarn: ({ message }) => assert.fail(message),
  });
  await bundle.write({ dir: join(project.folder, "rollup"), format: "es" });
  await scripts(join(project.folder, "rollup"));
  assert.equal(await project.node("rollup/main.js"), USED);
});

test("sentences and hooks cost a page little, and bring nothing of the client along", async () => {
  const LIMITS = { messages: 2500, react: 600, vue: 600 };
  for (const [name, limit] of Object.entries(LIMITS)) {
    const contents = `export * from "propusk/${name}";`;
    const { outputFiles } = await esbuild({
      stdin: { contents, resolveDir: project.folder },
      external: ["react", "vue"],
      bundle: true,
      write: false,
      format: "esm",
      minify: true,
      charset: "utf8",
    });
    const size = brotliCompressSync(outputFiles[0].contents).length;
    assert.ok(size <= limit, `${name}: ${size} bytes`);
    assert.doesNotMatch(outputFiles[0].text, /AuthClient|WebAssembly/);
  }
});

test("what is imported and not used leaves nothing behind", async () => {
  const { outputFiles } = await esbuild({
    entryPoints: [join(project.folder, "unused.js")],
    bundle: true,
    write: false,
    format: "esm",
    minify: true,
  });
  assert.equal(outputFiles[0].text, 'console.log("nothing");\n');
});
