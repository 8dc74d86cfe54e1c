/**
 * Makes the folder that is published as propusk-sandbox: one script with the module inside, a few lines around it for each
 * way in, and the declarations, texts and manifest beside them.
 *
 *     node sandbox/npm/build.mjs --version 1.2.3 --glue <folder of glue.js and module.wasm> --out <folder>
 */
import { chmod, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";

const { values } = parseArgs({
  options: { version: { type: "string" }, glue: { type: "string" }, out: { type: "string" } },
});
if (!values.version || !values.glue || !values.out) throw new Error("build.mjs needs --version, --glue and --out");
const { version } = values;
const glue = resolve(values.glue);
const out = resolve(values.out);

const here = fileURLToPath(new URL(".", import.meta.url));
const dist = join(out, "dist");

/** What is imported: one script does it all, whichever module system it is asked by. */
const ENTRIES = {
  "index.cjs": 'const { start } = require("./sandbox.cjs");\nexports.startSandbox = (options) => start(options).then(({ sandbox }) => sandbox);\n',
  "index.js": 'import { start } from "./sandbox.cjs";\nexport const startSandbox = (options) => start(options).then(({ sandbox }) => sandbox);\n',
};

await rm(out, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await Promise.all([
  script("src/sandbox.js", "sandbox.cjs", "cjs"),
  script("src/cli.js", "cli.js", "esm"),
  ...Object.entries(ENTRIES).map(([name, text]) => writeFile(join(dist, name), text)),
  ...["index.d.ts", "index.d.cts"].map((name) => cp(join(here, "index.d.ts"), join(dist, name))),
  ...["README.md", "README.ru.md"].map((name) => cp(join(here, name), join(out, name))),
  ...["LICENSE-MIT", "LICENSE-APACHE"].map((name) => cp(join(here, "../..", name), join(out, name))),
  manifest(),
]);
await chmod(join(dist, "cli.js"), 0o755);

/** @param {string} source @param {string} name @param {"esm" | "cjs"} format */
async function script(source, name, format) {
  await build({
    absWorkingDir: here,
    entryPoints: [source],
    outfile: join(dist, name),
    format,
    bundle: true,
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 160,
    platform: "node",
    target: "node20",
    legalComments: "none",
    logLevel: "warning",
    define: { __VERSION__: JSON.stringify(version) },
    inject: [join(here, "src/text.js")],
    plugins: [
      {
        name: "names",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^#sandbox\/glue$/ }, () => ({ path: join(glue, "glue.js") }));
          onResolve({ filter: /^#sandbox\/module\.wasm$/ }, () => ({ path: join(glue, "module.wasm"), namespace: "packed" }));
          onLoad({ filter: /./, namespace: "packed" }, async ({ path }) => ({ contents: await packed(path), loader: "text" }));
          if (format === "esm") onResolve({ filter: /^\.\/sandbox\.js$/ }, () => ({ path: "./sandbox.cjs", external: true }));
        },
      },
    ],
  });
}

/** What `compiled` in src/module.js reads. @param {string} path */
async function packed(path) {
  return brotliCompressSync(await readFile(path)).toString("base64");
}

async function manifest() {
  const template = JSON.parse(await readFile(join(here, "package.json"), "utf8"));
  const peerDependencies = { ...template.peerDependencies, propusk: version };
  await writeFile(join(out, "package.json"), `${JSON.stringify({ ...template, version, peerDependencies }, null, 2)}\n`);
}
