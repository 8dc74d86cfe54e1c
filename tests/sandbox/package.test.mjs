/** The package as published: what is in it, what its types allow, its command, and another test runner's world. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { installed as project } from "../package/installed.mjs";
import { folder, installed, unpack } from "./support/box.mjs";

const run = promisify(execFile);
const SHARED = process.env.PROPUSK_SHARED;
const CONTRACT = join(SHARED ?? "", "contract", "propusk-sandbox.d.ts");

test("the tarball holds what is meant to be published, and asks for nothing to be installed or run", () => {
  const files = readdirSync(installed, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.deepEqual(files.map((file) => join(file.path, file.name).slice(installed.length + 1)).sort(), [
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "README.ru.md",
    "THIRD-PARTY.md",
    "dist/cli.js",
    "dist/index.cjs",
    "dist/index.d.cts",
    "dist/index.d.ts",
    "dist/index.js",
    "dist/sandbox.cjs",
    "package.json",
    "sbom.cdx.json",
  ]);
  const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  const { version } = JSON.parse(readFileSync(join(folder, "node_modules/propusk/package.json"), "utf8"));
  assert.equal(manifest.version, version);
  for (const field of ["dependencies", "optionalDependencies", "scripts"]) assert.equal(manifest[field], undefined, field);
  // Its types name the package's; to run it nothing is needed.
  assert.deepEqual([manifest.peerDependencies, manifest.peerDependenciesMeta], [{ propusk: version }, { propusk: { optional: true } }]);
});

test("the licences of everything in the module go along, and nothing names a folder of the machine it was built on", () => {
  const text = readFileSync(join(installed, "THIRD-PARTY.md"), "utf8");
  for (const name of ["the standard library of Rust", "axum 0", "tower 0", "tokio 1", "serde_json 1", "wasm-bindgen 0"]) assert.ok(text.includes(name), name);
  for (const name of ["clap", "hyper 1", "mio "]) assert.ok(!text.includes(`${name}`), `${name} is not in it`);
  for (const name of readdirSync(join(installed, "dist"))) assert.doesNotMatch(readFileSync(join(installed, "dist", name), "utf8"), /\/(home|root|Users)\/|\.cargo\b/, name);
});

/** Every member of the contract, in a program. */
const PROGRAM = `
import { startSandbox, type Sandbox, type SandboxOptions, type SandboxRequest } from "propusk-sandbox";
import { AuthClient, type ProviderId } from "propusk";
const options: SandboxOptions = { ports: 0, tokenLifetime: 60, latency: 1, cors: false, grace: 2 };
export async function all(service: ProviderId): Promise<readonly SandboxRequest[]> {
  await using box: Sandbox = await startSandbox(options);
  const plain = await startSandbox();
  const [first] = box.accounts[service];
  const code: string | undefined = first?.code;
  const client = await AuthClient.create({ provider: "smart-satu", baseUrl: box.urls["smart-satu"] });
  await client.login({ username: first?.credentials["username"] ?? "", password: code ?? "" });
  box.fault(service, { purpose: "login", status: 429, body: "", contentType: "text/plain", retryAfter: "soon", kind: "status", times: 2 });
  box.fault("bstats", { kind: "hang", retryAfter: 1 });
  box.expire(service);
  box.revoke(service);
  const [request] = box.requests("bstats");
  const refused: string | null = request?.refused ?? null;
  const status: number = request?.status ?? 0;
  if (request?.purpose === "preflight" || refused || status) box.reset();
  const closed: void = await plain.close();
  return closed ?? box.requests();
}
`;
/** What must not compile: each line is wrong by itself. */
const WRONG = `
import { startSandbox } from "propusk-sandbox";
export const box = await startSandbox();
// @ts-expect-error a service that there is none of
box.expire("kassa");
// @ts-expect-error a kind that there is none of
box.fault("bstats", { kind: "explode" });
// @ts-expect-error a purpose that no fault is for
box.fault("bstats", { purpose: "preflight" });
// @ts-expect-error an option that there is none of
await startSandbox({ port: 4200 });
// @ts-expect-error a change of what is shown
box.urls.bstats = "";
`;

describe("types", () => {
  const sources = join(folder, "sandbox-types");
  mkdirSync(sources);
  const TSC = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");

  /** What the compiler says. @param {string} name @param {Record<string, string>} files @param {object} options */
  async function compile(name, files, options) {
    for (const [file, text] of Object.entries(files)) writeFileSync(join(sources, file), text);
    const strict = { strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, noPropertyAccessFromIndexSignature: true, skipLibCheck: false, noEmit: true };
    const compilerOptions = { target: "es2022", lib: ["es2022", "esnext.disposable", "dom"], types: [], ...strict, ...options };
    writeFileSync(join(sources, `${name}.json`), JSON.stringify({ compilerOptions, files: Object.keys(files) }));
    return run(process.execPath, [TSC, "--project", join(sources, `${name}.json`), "--pretty", "false"]).then(
      ({ stdout }) => stdout,
      ({ stdout, stderr }) => stdout + stderr,
    );
  }

  test("a program compiles in both module systems, and a wrong one does not", async () => {
    assert.equal(await compile("package", { "program.mts": PROGRAM, "program.cts": PROGRAM, "wrong.mts": WRONG }, { module: "nodenext" }), "");
  });
  test("the same programs compile against the contract, as bundlers resolve", { skip: !SHARED }, async () => {
    const paths = { "propusk-sandbox": [CONTRACT], propusk: [join(folder, "node_modules/propusk/dist/index.d.ts")] };
    assert.equal(await compile("contract", { "bundled.ts": PROGRAM, "bundled-wrong.ts": WRONG }, { module: "esnext", moduleResolution: "bundler", paths }), "");
  });
  test("the declarations are the contract's", { skip: !SHARED }, () => {
    for (const name of ["index.d.ts", "index.d.cts"]) assert.equal(readFileSync(join(installed, "dist", name), "utf8"), readFileSync(CONTRACT, "utf8"));
  });
});

describe("the command", () => {
  const cli = join(installed, "dist/cli.js");

  /** Starts it as npx does; its lines as they come. @param {string[]} args */
  function launch(...args) {
    const child = spawn(process.execPath, [cli, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    // Not "exit": then what it printed may still be on its way.
    const gone = once(child, "close");
    after(async () => {
      child.kill("SIGKILL");
      await gone;
    });
    const output = { stdout: "", stderr: "" };
    for (const name of /** @type {const} */ (["stdout", "stderr"])) child[name].on("data", (data) => (output[name] += data));
    /** @param {"stdout" | "stderr"} name @param {RegExp} pattern */
    const says = async (name, pattern) => {
      while (!pattern.test(output[name])) {
        const ended = await Promise.race([once(child[name], "data").then(() => false), gone.then(() => true)]);
        if (ended) assert.match(output[name], pattern, JSON.stringify(output));
      }
      return /** @type {RegExpExecArray} */ (pattern.exec(output[name]));
    };
    return { child, gone, output, says };
  }

  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
    test(`prints addresses and accounts, a line for each request, and ends well on ${signal}`, async () => {
      const { child, gone, output, says } = launch("--token-lifetime", "120", "--grace", "0.5", "--no-cors");
      await says("stdout", /Ctrl-C/);
      for (const service of ["bifit-kassa", "invoicebox", "mobile-smarts", "bstats", "smart-satu", "control"]) {
        assert.match(output.stdout, new RegExp(`^${service} +http://127\\.0\\.0\\.1:\\d+`, "m"));
      }
      for (const line of ["plain +username 79990000001, password secret", "second factor +username 79990000002, password secret, code 123456", "plain +token b37c4c689295904ed21eee5d9a48d42e"]) {
        assert.match(output.stdout, new RegExp(`^ +${line}$`, "m"));
      }
      const [, url] = await says("stdout", /^invoicebox +(\S+)/m);
      assert.equal((await fetch(`${url}/v3/orders?token=hush`, { headers: { origin: "http://a.test" } })).headers.get("access-control-allow-origin"), null);
      await says("stderr", /invoicebox +401 GET \/v3\/orders\?token=\*\*\*\n +Refused: no Authorization header\n/);
      child.kill(signal);
      assert.deepEqual(await gone, [0, null]);
    });
  }

  test("says what is wrong with its arguments, and ends", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    after(() => server.close());
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    for (const [args, message] of /** @type {[string[], RegExp][]} */ ([
      [["--ports", "many"], /--ports takes a number, and not "many"/],
      [["--ports", "70000"], /ports: .*from 0 to 65530/],
      [["--port", "4200"], /--port/],
      [["--ports", String(Math.min(port, 65_530))], /cannot listen on 127\.0\.0\.1:\d+: the port is taken/],
    ])) {
      const { gone, output } = launch(...args);
      assert.deepEqual(await gone, [1, null], JSON.stringify(output));
      assert.match(output.stderr, message);
      assert.equal(output.stdout, "");
    }
  });

  test("--help and --version", async () => {
    const { stdout } = await run(process.execPath, [cli, "--help"]);
    for (const option of ["--ports", "--token-lifetime", "--latency", "--no-cors", "--grace", "--quiet"]) assert.ok(stdout.includes(option), option);
    const { version } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
    assert.equal((await run(process.execPath, [cli, "--version"])).stdout, `${version}\n`);
  });

  test("npm knows it by its name", () => {
    const { bin } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
    assert.deepEqual(bin, { "propusk-sandbox": "./dist/cli.js" });
    assert.match(readFileSync(cli, "utf8"), /^#!\/usr\/bin\/env node\n/);
  });
});

test("the texts speak of every member and option of the contract", () => {
  const declared = readFileSync(join(installed, "dist/index.d.ts"), "utf8");
  const names = [...declared.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].map(([, name]) => name);
  assert.ok(names.length > 15);
  for (const name of ["README.md", "README.ru.md"]) {
    const text = readFileSync(join(installed, name), "utf8");
    for (const member of names) assert.ok(text.includes(member), `${name}: ${member}`);
  }
});

test("Jest, in Node's environment and in a page's, under fake timers too", async () => {
  const { folder: place, node } = await project("jest");
  unpack(join(place, "node_modules"));
  mkdirSync(join(place, "sandbox"));
  const text = readFileSync(fileURLToPath(new URL("fixtures/jest.test.js", import.meta.url)), "utf8");
  for (const environment of ["node", "jest-fixed-jsdom"]) {
    writeFileSync(join(place, `sandbox/${environment}.test.js`), `/** @jest-environment ${environment} */\n${text}`);
  }
  const { ok, output } = await node(["node_modules/jest/bin/jest.js", "--ci", "sandbox"]);
  assert.ok(ok && /Tests: +4 passed/.test(output), output);
  assert.doesNotMatch(output, /did not exit/);
});
