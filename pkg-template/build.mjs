/**
 * Makes the folder that is published: bundles `src` with the generated glue and the module, and puts the declarations,
 * the texts and the manifest beside them.
 *
 *     node pkg-template/build.mjs --version 1.2.3 --glue <folder of glue.js and module.wasm> --out <folder>
 *
 * Four ways to load one module (src/load); one file that a page loads at first, and a second with everything heavy.
 */
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const { values } = parseArgs({
  options: { version: { type: "string" }, glue: { type: "string" }, out: { type: "string" } },
});
if (!values.version || !values.glue || !values.out) throw new Error("build.mjs needs --version, --glue and --out");
const { version } = values;
const glue = resolve(values.glue);
const out = resolve(values.out);

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "..");
const dist = join(out, "dist");

/** Texts that belong to the repository and to the package alike. */
const TEXTS = ["README.md", "README.ru.md", "LICENSE-MIT", "LICENSE-APACHE"];
const DECLARATIONS = ["index", "slim", "node", "redis"];

/** Scripts by the name they are published under. `core` is the second one, which only `index` has. */
const ESM = {
  index: "src/entry/index.js",
  slim: "src/entry/slim.js",
  workerd: "src/entry/workerd.js",
  edge: "src/entry/edge.js",
};
const CJS = { index: ESM.index, slim: ESM.slim };
const CORE = { core: "src/load/chunk.js" };
/** Stores beside the client: what they have in common with it, they take from its script when they run. */
const STORES = { node: "src/node/index.js", redis: "src/redis/index.js" };

await rm(out, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await Promise.all([
  scripts(ESM, "esm"),
  scripts(CJS, "cjs"),
  // Nobody reads generated code, but everybody reads `AuthClient` in a stack or a console: only here names get short.
  scripts(CORE, "esm", { minifyIdentifiers: true }),
  scripts(CORE, "cjs", { minifyIdentifiers: true }),
  scripts(STORES, "esm", beside("js")),
  scripts(STORES, "cjs", beside("cjs")),
  declarations(),
  manifest(),
]);
await cp(join(glue, "module.wasm"), join(dist, "module.wasm"));
await Promise.all(TEXTS.map((name) => cp(join(root, name), join(out, name))));

/**
 * @param {Record<string, string>} sources
 * @param {"esm" | "cjs"} format
 * @param {import("esbuild").BuildOptions} [options]
 */
async function scripts(sources, format, options) {
  const extension = format === "cjs" ? "cjs" : "js";
  await build({
    absWorkingDir: here,
    entryPoints: Object.entries(sources).map(([name, source]) => ({ in: source, out: name })),
    outdir: dist,
    outExtension: { ".js": `.${extension}` },
    format,
    bundle: true,
    minifySyntax: true,
    minifyWhitespace: true,
    platform: "neutral",
    target: "es2022",
    legalComments: "none",
    logLevel: "warning",
    // CommonJS has to get the second script by `require`: test runners of that world give no `import()`.
    supported: format === "cjs" ? { "dynamic-import": false } : {},
    define: { __VERSION__: JSON.stringify(version) },
    inject: ["src/load/text.js"],
    plugins: [names(extension)],
    ...options,
  });
}

/**
 * What stands behind the names that no file has: `#glue`, `#module.wasm`, and two that stay as they are for the user's
 * bundler or runtime to resolve, the second script and the compiled modules of edge runtimes.
 *
 * @param {string} extension
 * @returns {import("esbuild").Plugin}
 */
function names(extension) {
  return {
    name: "names",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^#glue$/ }, () => ({ path: join(glue, "glue.js") }));
      onResolve({ filter: /^#module\.wasm$/ }, () => ({ path: join(glue, "module.wasm"), namespace: "text" }));
      onResolve({ filter: /^\.\/chunk\.js$/ }, () => ({ path: `./core.${extension}`, external: true }));
      onResolve({ filter: /^\.\/module\.wasm(\?module)?$/ }, ({ path }) => ({ path, external: true }));
      onLoad({ filter: /./, namespace: "text" }, async ({ path }) => ({
        contents: await readFile(path, "hex"),
        loader: "text",
      }));
    },
  };
}

/**
 * For scripts that run beside the client's: one class of errors for both, and Node's own modules as they are.
 *
 * @param {string} extension
 * @returns {import("esbuild").BuildOptions}
 */
function beside(extension) {
  return {
    inject: [],
    plugins: [
      {
        name: "beside",
        setup({ onResolve }) {
          onResolve({ filter: /\/error\.js$/ }, () => ({ path: `./index.${extension}`, external: true, sideEffects: false }));
          onResolve({ filter: /^node:/ }, () => ({ external: true, sideEffects: false }));
        },
      },
    ],
  };
}

/** The same declarations for both module systems: TypeScript takes the system from the file's name. */
async function declarations() {
  for (const name of DECLARATIONS) {
    const text = await readFile(join(here, "types", `${name}.d.ts`), "utf8");
    await writeFile(join(dist, `${name}.d.ts`), text);
    await writeFile(join(dist, `${name}.d.cts`), text.replace(/"\.\/(index|node)\.js"/g, '"./$1.cjs"'));
  }
}

async function manifest() {
  const template = JSON.parse(await readFile(join(here, "package.json"), "utf8"));
  await writeFile(join(out, "package.json"), `${JSON.stringify({ ...template, version }, null, 2)}\n`);
}
