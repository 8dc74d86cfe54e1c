/**
 * Makes the folder that is published: bundles `src` with the generated glue and the module, and puts the declarations,
 * the texts and the manifest beside them.
 *
 *     node pkg-template/build.mjs --version 1.2.3 --glue <folder of a folder for each module: glue.js, module.wasm> --out <folder>
 *
 * Four ways to load one module (src/load); one file that a page loads at first, and a second with everything heavy.
 */
import { createHash } from "node:crypto";
import { chmod, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { textsOf } from "./streams.mjs";

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
const TEXTS = ["README.md", "README.ru.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"];
const DECLARATIONS = ["index", "slim", "node", "redis", "messages", "react", "vue", "relay"];

/** Stands for a module's texts until lines have got their length: each of them is a line of its own. */
const placeholder = (/** @type {string} */ module) => `%${module}/module.wasm%`;

/** Scripts by the name they are published under. `core` is the second one, which only `index` has. */
const ESM = {
  index: "src/entry/index.js",
  slim: "src/entry/slim.js",
  workerd: "src/entry/workerd.js",
  edge: "src/entry/edge.js",
};
const CJS = { index: ESM.index, slim: ESM.slim };
const CORE = { core: "src/load/chunk.js" };
/** Which scripts carry which module as text. */
const CARRIERS = { core: "engine", rest: "rest", extras: "extras", relay: "relay" };
/** Modules as files of their own, for those who load or compile them by themselves. */
const FILES = { whole: "module.wasm", extras: "extras.wasm", relay: "relay.wasm" };
/** What the second script gets when it is needed: `import()` leads there. */
const LATER = { keeping: "src/load/keeping.js", extras: "src/load/extras.js", rest: "src/load/rest.js" };
/** Stores beside the client: what they have in common with it, they take from its script when they run. */
const STORES = { node: "src/node/index.js", redis: "src/redis/index.js" };
/** The relay, with a module of its own, by the entry of the client that it stands beside. */
const RELAYS = { index: "relay", workerd: "relay-workerd", edge: "relay-edge" };
/** What stands alone: nothing of the client is in it, and the frameworks are the user's. */
const APART = { messages: "src/messages/index.js", react: "src/frameworks/react.js", vue: "src/frameworks/vue.js" };
/** Cyrillic letters as they are: written as escapes they take three times the room. @type {import("esbuild").BuildOptions} */
const ALONE = { inject: [], plugins: [], external: ["react", "vue"], charset: "utf8" };

/** The command `propusk`. */
const COMMAND = { cli: "src/cli/main.js" };

/** Of the half of the engine that its rest belongs to. */
const digest = createHash("sha256").update(await readFile(join(glue, "engine/module.wasm"))).digest("hex").slice(0, 8);

await rm(out, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await Promise.all([
  scripts(ESM, "esm"),
  scripts(CJS, "cjs"),
  // Nobody reads generated code, but everybody reads `AuthClient` in a stack or a console: only here names get short.
  scripts({ ...CORE, ...LATER }, "esm", { minifyIdentifiers: true, plugins: [common("js"), names("js")] }),
  scripts({ ...CORE, ...LATER }, "cjs", { minifyIdentifiers: true, plugins: [common("cjs"), names("cjs")] }),
  scripts(STORES, "esm", beside("js")),
  scripts(STORES, "cjs", beside("cjs")),
  ...Object.entries(RELAYS).map(([client, name]) => scripts(relayOf(name), "esm", server("js", client))),
  scripts(relayOf(RELAYS.index), "cjs", server("cjs", "index")),
  scripts(APART, "esm", ALONE),
  scripts(APART, "cjs", ALONE),
  scripts(COMMAND, "esm", { inject: [], plugins: [entries(), names("js")], charset: "utf8", banner: { js: "#!/usr/bin/env node" } }),
  declarations(),
  manifest(),
]);
await chmod(join(dist, "cli.js"), 0o755);
const unpacker = await readFile(join(glue, "streams/module.wasm"));
for (const [script, module] of Object.entries(CARRIERS)) {
  const texts = await textsOf(await readFile(join(glue, module, "module.wasm")), unpacker);
  // What puts it together is there already.
  if (script === "rest") texts.shift();
  await Promise.all(["js", "cjs"].map((extension) => embed(join(dist, `${script}.${extension}`), module, texts)));
}
await Promise.all(Object.entries(FILES).map(([module, file]) => cp(join(glue, module, "module.wasm"), join(dist, file))));
await Promise.all(TEXTS.map((name) => cp(join(root, name), join(out, name))));
await Promise.all(Object.keys(ESM).map((name) => dispensable(join(dist, `${name}.js`), "providers=", "freeze(")));

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
    // A host that prints the line of an error prints one, and not the whole script.
    lineLimit: 160,
    platform: "neutral",
    target: "es2022",
    legalComments: "none",
    logLevel: "warning",
    // CommonJS has to get the second script by `require`: test runners of that world give no `import()`.
    supported: format === "cjs" ? { "dynamic-import": false } : {},
    define: { __VERSION__: JSON.stringify(version), __BUILD__: JSON.stringify(digest) },
    inject: ["src/load/text.js"],
    plugins: [names(extension)],
    ...options,
  });
}

/**
 * Marks a call as one that is of no use where its value is not: bundlers leave it out then. Of the source's own mark nothing is left
 * once it is minified.
 *
 * @param {string} script
 * @param {string} target
 * @param {string} call
 */
async function dispensable(script, target, call) {
  const [before, after, ...more] = (await readFile(script, "utf8")).split(target + call);
  if (after === undefined || more.length > 0) throw new Error(`${script} has no ${target}${call}, or several`);
  await writeFile(script, `${before}${target}/* @__PURE__ */${call}${after}`);
}

/** Puts a module into a script. @param {string} script @param {string} module @param {string[]} texts */
async function embed(script, module, texts) {
  const [before, after, ...more] = (await readFile(script, "utf8")).split(JSON.stringify(placeholder(module)));
  if (after === undefined || more.length > 0) throw new Error(`${script} has no place for the module, or several`);
  await writeFile(script, `${before}[${texts.map((text) => `\n"${text}"`).join()}\n]${after}`);
}

/**
 * What stands behind the names that no file has: `#<module>/glue`, `#<module>/module.wasm`, and those that stay as they are for the user's
 * bundler or runtime to resolve, the scripts that are loaded later and the compiled modules of edge runtimes.
 *
 * @param {string} extension
 * @returns {import("esbuild").Plugin}
 */
function names(extension) {
  return {
    name: "names",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^#\w+\/glue$/ }, ({ path }) => ({ path: join(glue, `${path.slice(1)}.js`) }));
      onResolve({ filter: /^#\w+\/module\.wasm$/ }, ({ path }) => ({ path: path.split("/")[0].slice(1), namespace: "text" }));
      onResolve({ filter: /^\.\/chunk\.js$/ }, () => ({ path: `./core.${extension}`, external: true }));
      onResolve({ filter: /\/(keeping|extras|rest)\.js$/ }, ({ kind, path }) =>
        kind === "dynamic-import" || kind === "require-call" ? { path: `./${path.split("/").pop()?.replace("js", extension)}`, external: true } : undefined,
      );
      onResolve({ filter: /^\.\/(module|relay)\.wasm(\?module)?$/ }, ({ path }) => ({ path, external: true }));
      onLoad({ filter: /./, namespace: "text" }, ({ path }) => ({ contents: placeholder(path), loader: "text" }));
    },
  };
}

/**
 * For scripts that run beside the client's: one class of errors for both.
 *
 * @param {string} extension
 * @param {string} [client] the script that has it
 * @returns {import("esbuild").Plugin}
 */
function common(extension, client = "index") {
  return {
    name: "common",
    setup({ onResolve }) {
      onResolve({ filter: /\/error\.js$/ }, () => ({ path: `./${client}.${extension}`, external: true, sideEffects: false }));
    },
  };
}

/**
 * The stores: Node's own modules as they are.
 *
 * @param {string} extension
 * @returns {import("esbuild").BuildOptions}
 */
function beside(extension) {
  const builtin = {
    name: "builtin",
    setup: (/** @type {import("esbuild").PluginBuild} */ { onResolve }) =>
      onResolve({ filter: /^node:/ }, () => ({ external: true, sideEffects: false })),
  };
  return { inject: [], plugins: [common(extension), builtin] };
}

/** @param {string} name @returns {Record<string, string>} */
function relayOf(name) {
  return { [name]: `src/entry/${name}.js` };
}

/**
 * The relay: it is loaded by servers, which have text codecs.
 *
 * @param {string} extension
 * @param {string} client
 * @returns {import("esbuild").BuildOptions}
 */
function server(extension, client) {
  return { inject: [], plugins: [common(extension, client), names(extension)] };
}

/** For the command, which takes the package as everybody else does. @returns {import("esbuild").Plugin} */
function entries() {
  /** @type {[RegExp, string][]} */
  const scripts = [
    [/\/entry\/slim\.js$/, "./slim.js"],
    [/\/node\/index\.js$/, "./node.js"],
    [/\/messages\/index\.js$/, "./messages.js"],
  ];
  return {
    name: "entries",
    setup({ onResolve }) {
      onResolve({ filter: /^node:/ }, () => ({ external: true, sideEffects: false }));
      for (const [filter, path] of scripts) onResolve({ filter }, () => ({ path, external: true }));
    },
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

/**
 * The manifest, and what those need who know no `exports`, all of it taken from there: `typesVersions` and a folder with
 * a manifest of its own for each entry (TypeScript's `moduleResolution: node`, Parcel, webpack 4, Metro).
 */
async function manifest() {
  const template = JSON.parse(await readFile(join(here, "package.json"), "utf8"));
  /** @type {Record<string, Record<string, string>>} the folders' manifests by name */
  const folders = {};
  for (const [path, target] of Object.entries(template.exports)) {
    const name = path.slice(2);
    const below = (/** @type {string} */ file) => `.${file}`;
    if (typeof target !== "string" && name) {
      const { import: esm, require: cjs } = target;
      folders[name] = { main: below(cjs.default), module: below(esm.default), types: below(esm.types) };
    } else if (target !== path && name) {
      folders[name] = { main: below(target) };
    }
  }
  const types = Object.entries(folders).flatMap(([name, { types }]) => (types ? [[name, [types.slice(1)]]] : []));
  const typesVersions = { "*": Object.fromEntries(types) };
  const files = [...template.files, ...Object.keys(folders)];
  await json("package.json", { ...template, version, typesVersions, files });
  for (const [name, folder] of Object.entries(folders)) {
    await mkdir(join(out, name), { recursive: true });
    await json(join(name, "package.json"), folder);
  }
}

/** @param {string} name @param {object} value */
async function json(name, value) {
  await writeFile(join(out, name), `${JSON.stringify(value, null, 2)}\n`);
}
