/** Row 27 of the failure table: hosts without a window. What a page's policy forbids is in browser.test.mjs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { suite } from "../support/suite.mjs";
import { run } from "../stores/support/scratch.mjs";

const KASSA = "bifit-kassa";
const { box } = await suite();

/** What a page has, and a server has not. Reading one of them ends the program. */
const NO_PAGE = `
for (const name of ["window", "document", "location", "history", "localStorage", "sessionStorage", "indexedDB", "self"]) {
  if (name in globalThis && !["localStorage", "sessionStorage"].includes(name)) throw new Error("Node has " + name);
}
`;

const USE = `
const { options, account, path } = JSON.parse(process.argv[2]);
const use = async ({ AuthClient, isAuthError, providers }) => {
  if (!providers[options.provider]) throw new Error("no providers");
  const client = await AuthClient.create({ ...options, storage: "local" });
  await client.login(account);
  const { status } = await client.fetch(path);
  const error = await client.loginWithRedirect().catch((error) => error);
  client.close();
  console.log(status, isAuthError(error, "unsupported"));
};
`;

/** @type {[string, string, string[]][]} */
const WAYS = [
  ["import", `await use(await import("propusk"));`, []],
  ["require", `import { createRequire } from "node:module"; await use(createRequire(import.meta.url)("propusk"));`, []],
  ["import, where code may not be made of text", `await use(await import("propusk"));`, ["--disallow-code-generation-from-strings"]],
  ["import, where globals are frozen", `Object.freeze(globalThis.Promise.prototype); Object.freeze(Object.prototype); Object.freeze(Array.prototype); await use(await import("propusk"));`, []],
];

for (const [what, load, args] of WAYS) {
  test(`27. Import on a server without window: ${what}`, async () => {
    const order = { options: { provider: KASSA, baseUrl: box.services[KASSA].baseUrl }, account: ACCOUNTS[KASSA], path: GOODS[KASSA] };
    assert.equal(await run(`${NO_PAGE}${USE}${load}`, { args: [JSON.stringify(order)], env: { NODE_OPTIONS: args.join(" ") } }), "200 true");
    assert.deepEqual(await box.counts(KASSA), { login: 1, api: 1 });
  });
}

test("27. Import on a server without window: rendering a page on a server starts nothing", async () => {
  const source = `
    ${NO_PAGE}
    const watched = ["fetch", "setTimeout", "setInterval", "setImmediate"];
    for (const name of watched) globalThis[name] = () => { throw new Error(name + " was called"); };
    WebAssembly.instantiate = WebAssembly.compile = () => { throw new Error("a module was started"); };
    const before = Reflect.ownKeys(globalThis).length;
    await import("propusk");
    if (Reflect.ownKeys(globalThis).length !== before) throw new Error("a global was added");
    console.log("imported");`;
  assert.equal(await run(source), "imported");
});
