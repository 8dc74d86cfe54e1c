/** A Node program: it ends by itself, and importing the package does nothing. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { project } from "../support/package.mjs";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { suite } from "../support/suite.mjs";

const KASSA = "bifit-kassa";
const { box, later } = await suite();

let scripts = 0;

/**
 * Runs a program beside the installed package. Ends it after eight seconds, which is less than any wait of the package: a program that is
 * kept alive by one fails.
 *
 * @param {string} source
 * @param {{ kind?: "mjs" | "cjs", args?: string[], bare?: boolean }} [options] bare: nothing is there yet
 */
async function run(source, { kind = "mjs", args = [], bare = false } = {}) {
  const path = join(project(), `script-${++scripts}.${kind}`);
  const { baseUrl } = box.services[KASSA];
  const given = `const KASSA = ${JSON.stringify({ provider: KASSA, baseUrl })}, ACCOUNT = ${JSON.stringify(ACCOUNTS[KASSA])}, GOODS = ${JSON.stringify(GOODS[KASSA])};`;
  const loaded = kind === "mjs" ? `import { AuthClient } from "propusk";` : `const { AuthClient } = require("propusk");`;
  writeFileSync(path, bare ? source : `${loaded}\n${given}\n${source}`);
  const child = spawn(process.execPath, [...args, path], { stdio: ["ignore", "pipe", "pipe"] });
  later(() => child.kill());
  const overdue = setTimeout(() => child.kill("SIGKILL"), 8000);
  const [[code, signal], out, err] = await Promise.all([once(child, "exit"), text(child.stdout), text(child.stderr)]);
  clearTimeout(overdue);
  assert.equal(signal, null, `it did not end by itself: ${out}${err}`);
  assert.equal(code, 0, err);
  assert.equal(err, "");
  return out.trim();
}

for (const [kind, source] of /** @type {["mjs" | "cjs", string][]} */ ([
  ["mjs", "const client = await AuthClient.create(KASSA); await client.login(ACCOUNT); console.log(client.session.subject);"],
  ["cjs", "AuthClient.create(KASSA).then(async (client) => { await client.login(ACCOUNT); console.log(client.session.subject); });"],
])) {
  test(`a program that logs in and never closes ends by itself (${kind})`, async () => {
    assert.equal(await run(source, { kind }), "120041");
  });
}

for (const [what, source] of [
  ["after create", "await AuthClient.create(KASSA);"],
  ["after every kind of call", "const client = await AuthClient.create(KASSA); await client.login(ACCOUNT); await (await client.fetch(GOODS)).text(); await client.refresh(); await client.getAccessToken({ minValidity: 1e9 }); await client.logout();"],
  ["after a call that was aborted", "const client = await AuthClient.create(KASSA); await client.login(ACCOUNT, { signal: AbortSignal.abort() }).catch(() => {});"],
  ["after a login that was refused", "const client = await AuthClient.create(KASSA); await client.login({ ...ACCOUNT, password: 'x' }).catch(() => {});"],
  ["with a listener", "const client = await AuthClient.create(KASSA); client.subscribe(() => {}); await client.login(ACCOUNT);"],
  ["with autoRefresh, closed", "const client = await AuthClient.create({ ...KASSA, autoRefresh: true }); await client.login(ACCOUNT); client.close();"],
  ["with autoRefresh, not closed: the timer that waits for the renewal does not keep it", "const client = await AuthClient.create({ ...KASSA, autoRefresh: true }); await client.login(ACCOUNT);"],
  ["with autoRefresh and a store", "const map = new Map(), storage = { get: (key) => map.get(key) ?? null, set: (key, value) => void map.set(key, value), delete: (key) => void map.delete(key) }; for (const n of [1, 2]) { const client = await AuthClient.create({ ...KASSA, storage, autoRefresh: true }); if (n === 1) await client.login(ACCOUNT); }"],
  ["when closed during a login that hangs", "const client = await AuthClient.create({ ...KASSA, fetch: () => new Promise(() => {}) }); const login = client.login(ACCOUNT).catch(() => {}); client.close(); await login;"],
  ["when closed during a pause between two tries", "const client = await AuthClient.create({ ...KASSA, fetch: async () => { queueMicrotask(() => setTimeout(() => client.close(), 50)); return new Response('', { status: 503, headers: { 'retry-after': '25' } }); } }); await client.login(ACCOUNT).catch(() => {});"],
  ["when closed while its store hangs", "let asked; const writing = new Promise((resolve) => (asked = resolve)); const client = await AuthClient.create({ ...KASSA, storage: { get: () => null, set: () => (asked(), new Promise(() => {})), delete() {} } }); const login = client.login(ACCOUNT).catch(() => {}); await writing; client.close(); await login;"],
]) {
  test(`a program ends by itself ${what}`, async () => {
    assert.equal(await run(source), "");
  });
}

test("with autoRefresh, the session is renewed in the background, without a call", async () => {
  await box.options(KASSA, { tokenLifetime: 2 });
  const source = `
    const client = await AuthClient.create({ ...KASSA, autoRefresh: true });
    const keep = setInterval(() => {}, 1000);
    let renewals = 0;
    client.subscribe((_, reason) => {
      if (reason === "refresh" && ++renewals === 2) {
        client.close();
        clearInterval(keep);
        console.log("renewed twice");
      }
    });
    await client.login(ACCOUNT);`;
  assert.equal(await run(source), "renewed twice");
  assert.deepEqual(await box.counts(KASSA), { login: 1, refresh: 2 });
});

for (const kind of /** @type {const} */ (["mjs", "cjs"])) {
  test(`importing has no side effect: no global is added or changed, and nothing is called (${kind})`, async () => {
    const out = await run(
      `const forbidden = (name) => () => { throw new Error(name + " was called"); };
      for (const name of ["fetch", "setTimeout", "setInterval", "queueMicrotask"]) globalThis[name] = forbidden(name);
      WebAssembly.compile = WebAssembly.instantiate = WebAssembly.Module = forbidden("WebAssembly");
      // The values themselves are not looked at: Node makes some of them when they are.
      const look = () => [globalThis, ...["Object", "Array", "Promise", "String", "Error", "Symbol"].flatMap((name) => [globalThis[name], globalThis[name].prototype])].flatMap(
        (holder) => Reflect.ownKeys(holder).flatMap((key) => [key, ...Object.values(Object.getOwnPropertyDescriptor(holder, key))]),
      );
      const before = look();
      const start = async () => {
        const loaded = ${kind === "mjs" ? `await import("propusk")` : `require("propusk")`};
        const after = look();
        const changed = after.filter((value, n) => !Object.is(value, before[n]));
        if (changed.length || before.length !== after.length) console.log("changed:", changed);
        console.log(Object.keys(loaded).join(), process.eventNames().includes("unhandledRejection"));
      };
      start();`,
      { kind, bare: true },
    );
    assert.match(out, /^(AuthClient|AuthError|isAuthError|providers|oauth2|discover|,|__esModule)+ false$/);
  });
}

test("a program that waits for nothing but a call goes on until the call's deadline, whatever came before", async () => {
  const source = `
    let isSilent = false;
    const grant = { access_token: "a", token_type: "bearer", expires_in: 3600 };
    const client = await AuthClient.create({ ...KASSA, timeout: 300, fetch: async () => (isSilent ? new Promise(() => {}) : Response.json(grant)) });
    await client.login(ACCOUNT);
    await client.fetch(GOODS);
    isSilent = true;
    await client.fetch(GOODS).catch(({ code }) => console.log(code));`;
  assert.equal(await run(source), "timeout");
});

test("it runs where making code from text is forbidden, and where prototypes are frozen", async () => {
  const source = "const client = await AuthClient.create(KASSA); await client.login(ACCOUNT); console.log(client.session.subject);";
  assert.equal(await run(source, { args: ["--disallow-code-generation-from-strings"] }), "120041");
  assert.equal(await run(source, { args: ["--disable-proto=throw"] }), "120041");
});
