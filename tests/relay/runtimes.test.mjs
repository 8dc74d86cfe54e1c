/** The relay where its module comes in another way, and servers that speak HTTP/2 or TLS. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect, createServer as createH2 } from "node:http2";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import { build } from "esbuild";
import { load, project } from "../support/package.mjs";
import { mounting, refusal } from "./support/mounted.mjs";

const { mounted, later, raw, relayOf, toNodeHandler } = await mounting();
const dist = join(project(), "node_modules/propusk/dist");

/** What any of the builds must do. @param {any} propusk @param {typeof import("propusk").AuthError} [AuthError] */
async function works({ createRelay }, AuthError) {
  const fetch = async (/** @type {any} */ address, /** @type {any} */ init) => Response.json([address, init.method, init.body]);
  const relay = await createRelay({ mount: "/r", provider: { provider: "bifit-kassa", clientSecret: "top" }, fetch });
  const response = await relay(new Request("https://app.test/r/oauth/token", { method: "POST", body: new URLSearchParams({ grant_type: "password", client_id: "c" }) }));
  assert.deepEqual(await response.json(), ["https://kassa.bifit.com/cashdesk-api/v1/oauth/token", "POST", "grant_type=password&client_id=cashdesk-rest-client&client_secret=top"]);
  await assert.rejects(createRelay({}), (error) => !AuthError || error instanceof AuthError);
}

test("the errors of the relay are of the client's class", async () => {
  const [propusk, { AuthError }] = await Promise.all([import(pathToFileURL(join(project(), "propusk-relay.mjs")).href), load()]);
  await works(propusk, AuthError);
});

test("the relay is there for CommonJS", async () => {
  const require = createRequire(join(project(), "index.js"));
  await works(require("propusk/relay"), require("propusk").AuthError);
});

for (const [entry, import_] of [["relay-workerd.js", "./relay.wasm"], ["relay-edge.js", "./relay.wasm?module"]]) {
  test(`${entry} works with a module that the runtime has compiled`, async () => {
    const compiled = {
      name: "compiled",
      setup(/** @type {import("esbuild").PluginBuild} */ { onResolve, onLoad }) {
        onResolve({ filter: /\.wasm/ }, ({ path }) => ({ path, namespace: "compiled" }));
        onLoad({ filter: /./, namespace: "compiled" }, async ({ path }) => {
          if (path.includes("relay")) assert.equal(path, import_);
          const base64 = await readFile(join(dist, path.replace("?module", "")), "base64");
          return { contents: `module.exports = new WebAssembly.Module(Buffer.from("${base64}", "base64"))` };
        });
      },
    };
    const outfile = join(dist, `bundled-${entry}`);
    await build({ entryPoints: [join(dist, entry)], outfile, bundle: true, format: "esm", plugins: [compiled] });
    await works(await import(pathToFileURL(outfile).href));
  });
}

test("each runtime gets the build that is for it", async () => {
  const { exports } = JSON.parse(await readFile(join(dist, "../package.json"), "utf8"));
  const target = (/** @type {string} */ condition) => exports["./relay"][condition].default;
  assert.deepEqual(["workerd", "edge-light", "import", "require"].map(target), ["./dist/relay-workerd.js", "./dist/relay-edge.js", "./dist/relay.js", "./dist/relay.cjs"]);
  // The first condition that fits counts.
  assert.deepEqual(Object.keys(exports["./relay"]), ["workerd", "edge-light", "import", "require"]);
});

test("a module that has failed is replaced by a new one, and the page is told no more than that", async () => {
  let fails = false;
  const text = await readFile(join(dist, "relay.cjs"), "utf8");
  const require = createRequire(join(project(), "index.js"));
  // A host whose module traps now and then.
  const Trapping = Object.create(WebAssembly, {
    instantiate: {
      value: async (/** @type {any} */ source, /** @type {any} */ imports) => {
        const made = /** @type {any} */ (await WebAssembly.instantiate(source, imports));
        const { instance, module } = made.instance ? made : { instance: made, module: source };
        const guard = (/** @type {any} */ one) =>
          typeof one !== "function" ? one : (/** @type {any[]} */ ...given) => {
            if (fails) throw new WebAssembly.RuntimeError("unreachable: a secret");
            return one(...given);
          };
        const exports = Object.fromEntries(Object.entries(instance.exports).map(([name, one]) => [name, guard(one)]));
        return { instance: { exports }, module };
      },
    },
  });
  const loaded = { exports: /** @type {any} */ ({}) };
  vm.runInThisContext(`(function (module, exports, require, WebAssembly) {${text}\n})`)(loaded, loaded.exports, (/** @type {string} */ name) => require(join(dist, name)), Trapping);
  const relay = await loaded.exports.createRelay({ mount: "/r", provider: { provider: "bifit-kassa" }, api: ["protected/"], fetch: async () => new Response("{}") });
  // Each of another path: of what was decided before, the module is not asked.
  const ask = (/** @type {number} */ n) => relay(new Request(`https://app.test/r/protected/${n}`));
  assert.equal((await ask(1)).status, 200);
  fails = true;
  const failing = ask(2);
  fails = false;
  assert.equal(await refusal(await failing), "500 internal");
  assert.equal((await ask(3)).status, 200);
});

test("HTTP/2", async () => {
  const { behind, arrived } = await mounted();
  const relay = await relayOf(behind.origin);
  const server = createH2(toNodeHandler(relay)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const session = connect(`http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`);
  later(() => (session.destroy(), server.close()));
  for (const [headers, body] of /** @type {[any, string][]} */ ([
    [{ ":path": "/auth/kassa/protected/goods?page=2", authorization: "Bearer t", cookie: "a=b" }, ""],
    [{ ":path": "/auth/kassa/protected/goods", ":method": "POST", "content-type": "text/plain" }, "hello"],
    [{ ":path": "/auth/kassa/oauth/token", ":method": "POST", "content-type": "application/x-www-form-urlencoded" }, "grant_type=password"],
    [{ ":path": "/auth/kassa/../x" }, ""],
  ])) {
    const stream = session.request(headers);
    if (body) stream.end(body);
    const [answer] = await once(stream, "response");
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    assert.equal(answer[":status"], headers[":path"].includes("..") ? 404 : 200, Buffer.concat(chunks).toString());
  }
  assert.deepEqual(arrived.map(({ method, url, headers, body }) => [method, url, headers.authorization, headers.cookie, body]), [
    ["GET", "/v1/protected/goods?page=2", "Bearer t", undefined, ""],
    ["POST", "/v1/protected/goods", undefined, undefined, "hello"],
    ["POST", "/v1/oauth/token", undefined, undefined, "grant_type=password&client_id=cashdesk-rest-client&client_secret=of+the+relay"],
  ]);
});

test("whoever stands around a relay gets a whole Request, and the relay judges the target all the same", async () => {
  const { relay, arrived } = await mounted();
  /** @type {string[]} */
  const seen = [];
  const around = (/** @type {Request} */ request) => {
    seen.push(`${request instanceof Request} ${request.method} ${request.url.replace(/:\d+/, "")}`);
    return relay(request);
  };
  const front = await mounted();
  front.server.removeAllListeners("request");
  front.server.on("request", toNodeHandler(around));
  for (const [path, status] of /** @type {[string, number][]} */ ([["/auth/kassa/protected/goods", 200], ["/auth/kassa/oauth/token", 405], ["/elsewhere", 404]])) {
    assert.equal((await fetch(front.origin + path, { method: "PUT", body: "x" })).status, status);
  }
  assert.deepEqual(seen, ["/auth/kassa/protected/goods", "/auth/kassa/oauth/token", "/elsewhere"].map((path) => `true PUT http://127.0.0.1${path}`));
  assert.deepEqual(arrived.map(({ url, body }) => [url, body]), [["/v1/protected/goods", "x"]]);
  const dotted = await raw(front.port, "PUT /auth/kassa/x/../protected/goods HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  assert.match(dotted, /^HTTP\/1\.1 404 /);
});
