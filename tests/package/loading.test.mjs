/** What can go wrong on the way to the module, in hosts that lack something. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { before, test } from "node:test";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import { build } from "esbuild";
import { moduleOf } from "../../pkg-template/src/load/streams.js";
import { textsOf } from "../../pkg-template/streams.mjs";
import { consumer } from "./consumer.mjs";

/** @type {string} */
let dist;
/** @type {Uint8Array<ArrayBuffer>} */
let module;
/** @type {string} */
let base64;

before(async () => {
  ({ dist } = await consumer());
  module = new Uint8Array(await readFile(join(dist, "module.wasm")));
  base64 = Buffer.from(module).toString("base64");
});

/** The host's objects that the package may rely on; a test takes away what its host lacks. */
const HOST = { atob, fetch, Headers, Request, Response, URL, AbortController, AbortSignal, setTimeout, clearTimeout, performance, crypto, console, queueMicrotask };
const CODECS = { TextDecoder, TextEncoder };

/**
 * The CommonJS build in a realm of its own, the way test runners load it.
 *
 * @param {Record<string, unknown>} globals
 * @param {{ wasm?: boolean, load?: (name: string) => void }} [options]
 */
async function realm(globals, { wasm = true, load = () => {} } = {}) {
  const context = vm.createContext({ ...globals }, { codeGeneration: { strings: false, wasm } });
  const texts = Object.fromEntries(
    await Promise.all(["index", "core", "rest"].map(async (name) => [`./${name}.cjs`, await readFile(join(dist, `${name}.cjs`), "utf8")])),
  );
  const require = (/** @type {string} */ name) => {
    load(name);
    const script = { exports: {} };
    vm.runInContext(`(function (module, exports, require) {${texts[name]}\n})`, context)(script, script.exports, require);
    return script.exports;
  };
  return { context, .../** @type {typeof import("propusk")} */ (require("./index.cjs")) };
}

/** @param {Pick<typeof import("propusk"), "AuthClient">} loaded */
const create = ({ AuthClient }) => AuthClient.create({ provider: "invoicebox" });

test("a host without text codecs gets by with the package's own, and keeps its globals", async () => {
  const loaded = await realm(HOST);
  assert.equal((await create(loaded)).provider, "invoicebox");
  assert.equal(loaded.context.TextDecoder, undefined);
  assert.equal(loaded.context.TextEncoder, undefined);
});

test("a host that forbids WebAssembly is named, with the directive to change", async () => {
  const loaded = await realm({ ...HOST, ...CODECS }, { wasm: false });
  await assert.rejects(create(loaded), (/** @type {any} */ error) => {
    assert.equal(error.code, "unsupported");
    assert.match(`${error.message} ${error.hint}`, /content security policy.*'wasm-unsafe-eval'/);
    return loaded.isAuthError(error, "unsupported");
  });
});

test("a host without WebAssembly is named", async () => {
  const loaded = await realm({ ...HOST, ...CODECS, WebAssembly: undefined });
  await assert.rejects(create(loaded), { code: "unsupported", message: /no WebAssembly/ });
});

test("after a failure to load, the next call loads again; after a success, none does", async () => {
  let fail = true;
  let loads = 0;
  const load = (name) => {
    if (name !== "./core.cjs") return;
    loads += 1;
    if (fail) throw new Error("connection lost");
  };
  const loaded = await realm({ ...HOST, ...CODECS }, { load });
  await assert.rejects(create(loaded), { code: "network" });
  fail = false;
  await Promise.all([create(loaded), create(loaded), create(loaded)]);
  await create(loaded);
  assert.equal(loads, 2);
});

test("a module that was taken apart into texts is the same again", async () => {
  let unpacker = "";
  for (const script of ["core.js", "core.cjs", "rest.js", "rest.cjs", "extras.js", "extras.cjs"]) {
    const [texts] = (await readFile(join(dist, script), "utf8")).match(/\[(\n"[^"\n]+",?)+\n\]/);
    const carried = JSON.parse(texts);
    // The other half is put together by what the first one has for that.
    if (script.startsWith("rest.")) carried.unshift(unpacker);
    else [unpacker] = carried;
    assert.ok(WebAssembly.validate(await moduleOf(carried)), script);
    assert.deepEqual(await moduleOf(await textsOf(module, Buffer.from(carried[0], "hex"))), module);
    assert.match(texts.replaceAll(/[",[\]\n]/g, ""), /^[ -~]+$/);
    assert.doesNotMatch(texts, /[$'<\\`]/, "letters that no script, page or minifier has to write otherwise");
  }
});

for (const [entry, import_] of [["workerd.js", "./module.wasm"], ["edge.js", "./module.wasm?module"]]) {
  test(`${entry} works with a module that the runtime has compiled`, async () => {
    const compiled = {
      name: "compiled",
      setup({ onResolve, onLoad }) {
        onResolve({ filter: /module\.wasm/ }, ({ path }) => ({ path, namespace: "compiled" }));
        onLoad({ filter: /./, namespace: "compiled" }, ({ path }) => {
          assert.equal(path, import_);
          return { contents: `module.exports = new WebAssembly.Module(Buffer.from("${base64}", "base64"))` };
        });
      },
    };
    const outfile = join(dist, `bundled-${entry}`);
    await build({ entryPoints: [join(dist, entry)], outfile, bundle: true, format: "esm", plugins: [compiled] });
    const client = await create(await import(pathToFileURL(outfile).href));
    assert.equal(client.provider, "invoicebox");
  });
}

test("slim: nothing works before `ready`, and `ready` may be tried again", async () => {
  const { AuthClient, ready } = createRequire(dist)(join(dist, "slim.cjs"));
  await assert.rejects(create({ AuthClient }), { code: "invalid_config", hint: /ready/ });
  await assert.rejects(ready(5), { code: "invalid_config" });
  await assert.rejects(ready(new Uint8Array([1, 2, 3])), { code: "unsupported" });
  // Also one of another realm, as a test runner's contexts have them.
  const foreign = vm.runInNewContext("new WebAssembly.CompileError('no such opcode')");
  await assert.rejects(ready(Promise.reject(foreign)), { code: "unsupported", message: /cannot be compiled/ });
  await assert.rejects(ready(new Response("not here", { status: 404 })), { code: "network", message: /404/ });
  for (const type of ["application/wasm", "text/plain"]) {
    const cut = new ReadableStream({ pull: (controller) => controller.error(new Error("connection lost")) });
    await assert.rejects(ready(new Response(cut, { headers: { "content-type": type } })), { code: "network" });
  }
  await ready(Promise.resolve(module));
  assert.equal((await create({ AuthClient })).provider, "invoicebox");
  await ready(5);
});

const typed = (type) => new Response(module, { headers: { "content-type": type } });

/** @type {[string, () => import("propusk/slim").ModuleSource][]} */
const SOURCES = [
  ["bytes", () => module],
  ["a buffer", () => module.buffer],
  ["a compiled module", () => new WebAssembly.Module(module)],
  ["a response", () => typed("application/wasm")],
  ["a response of a server that does not know the type", () => typed("application/octet-stream")],
  ["an address", () => `data:application/wasm;base64,${base64}`],
  ["a URL", () => new URL(`data:application/wasm;base64,${base64}`)],
];

for (const [what, source] of SOURCES) {
  test(`slim: \`ready\` takes ${what}`, async () => {
    // A copy of the script for each test: it starts once.
    const { AuthClient, ready } = await import(`${pathToFileURL(join(dist, "slim.js")).href}?${encodeURIComponent(what)}`);
    await ready(source());
    assert.equal((await create({ AuthClient })).provider, "invoicebox");
  });
}
