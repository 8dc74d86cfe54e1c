/** Values in files: kept between runs, under any key, for this user alone. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { load } from "../support/package.mjs";
import { failure } from "../support/suite.mjs";
import { fileStore, run, scratch } from "./support/scratch.mjs";

const { isAuthError } = await load();
const WINDOWS = process.platform === "win32";
const mode = (/** @type {string} */ path) => statSync(path).mode & 0o777;

test("what was set is there for another store and after deleting is gone", async () => {
  const directory = scratch();
  const store = fileStore({ directory });
  assert.equal(await store.get("key"), null);
  await store.delete("key");
  await store.set("key", "one");
  await store.set("key", "two");
  assert.equal(await fileStore({ directory }).get("key"), "two");
  await fileStore({ directory }).delete("key");
  assert.equal(await store.get("key"), null);
  assert.deepEqual(readdirSync(directory), []);
});

const ODD = ["__proto__", "constructor", "toString", "", " ", ".", "..", "../../up", "a/b", "a\\b", "CON", "nul.txt", "key", "Key", "KEY", "a:b", "a?b", "a\nb", "ключ", "a".repeat(5000), "a".repeat(5001)];

test("any text is a key of its own, in a file whose name every system takes", async () => {
  const folder = scratch();
  const directory = join(folder, "inner");
  const store = fileStore({ directory });
  for (const key of ODD) assert.equal(await store.get(key), null, key);
  for (const [n, key] of ODD.entries()) await store.set(key, `value ${n}`);
  for (const [n, key] of ODD.entries()) assert.equal(await store.get(key), `value ${n}`, key);
  const files = readdirSync(directory);
  // Lower case alone: some systems do not tell the two apart.
  assert.equal(files.length, ODD.length);
  for (const file of files) assert.match(file, /^[a-z0-9-]{1,40}-[0-9a-f]{64}\.session$/);
  assert.deepEqual(readdirSync(folder), ["inner"]);
});

test("any text is a value", async () => {
  const store = fileStore({ directory: scratch() });
  for (const value of ["", "null", "\uFEFFключ\r\n\0", "😀", "x".repeat(3_000_000)]) {
    await store.set("key", value);
    assert.equal(await store.get("key"), value);
  }
});

test("what no file can hold is refused before anything is written", async () => {
  const directory = join(scratch(), "inner");
  const store = /** @type {any} */ (fileStore({ directory }));
  for (const call of [
    () => store.get(1),
    () => store.set(undefined, "x"),
    () => store.set("key", null),
    () => store.set("key", "\uD800"),
    () => store.delete("\uDC00"),
    () => store.withLock("key", "task"),
    async () => store.watch("key"),
  ]) {
    const error = await failure(call());
    assert.ok(isAuthError(error, "invalid_input"), String(error));
    assert.match(error.message, /^`(key|value|task|listener)` must be /);
  }
  assert.throws(() => statSync(directory), { code: "ENOENT" });
});

test("files and folders are for this user alone, whatever the process lets others do", { skip: WINDOWS }, async () => {
  const folder = scratch();
  const source = `
    import { fileStore } from "propusk/node";
    process.umask(0);
    const store = fileStore({ directory: process.argv[2] });
    await store.set("key", "value");
    await store.withLock("key", async () => console.log("held"));`;
  assert.equal(await run(source, { args: [join(folder, "outer", "inner")] }), "held");
  assert.equal(mode(join(folder, "outer")), 0o700);
  assert.equal(mode(join(folder, "outer", "inner")), 0o700);
  const [file] = readdirSync(join(folder, "outer", "inner"));
  assert.equal(mode(join(folder, "outer", "inner", file)), 0o600);
});

test("the lock's file, too, is for this user alone, and tells nothing but who holds it", { skip: WINDOWS }, async () => {
  const directory = scratch();
  const store = fileStore({ directory });
  await store.withLock("key", async () => {
    const [file] = readdirSync(directory);
    assert.equal(mode(join(directory, file)), 0o600);
    assert.match(readFileSync(join(directory, file), "utf8"), new RegExp(`^[0-9a-f]{16}-${process.pid}-[0-9x]+-[0-9a-f]{32}$`));
  });
  assert.deepEqual(readdirSync(directory), []);
});

for (const [options, named] of /** @type {[any, string][]} */ ([
  [null, "options"],
  ["/tmp", "options"],
  [{ folder: "/tmp" }, "folder"],
  [{ directory: 1 }, "directory"],
  [{ directory: "" }, "directory"],
  [{ directory: "a\0b" }, "directory"],
  [{ directory: null }, "directory"],
  [{ lockTimeout: "1" }, "lockTimeout"],
  [{ lockTimeout: -1 }, "lockTimeout"],
  [{ lockTimeout: NaN }, "lockTimeout"],
])) {
  test(`wrong options are refused at once, by name: ${JSON.stringify(options)}`, () => {
    assert.throws(
      () => fileStore(options),
      (error) => isAuthError(error, "invalid_config") && error.message.startsWith(`option \`${named}\` must be `),
    );
  });
}

test("a store that is made, asked and told to forget touches no disk before something is set", async () => {
  const directory = join(scratch(), "inner");
  const store = fileStore({ directory, lockTimeout: Infinity });
  await store.get("key");
  await store.delete("key");
  assert.throws(() => statSync(directory), { code: "ENOENT" });
});

const DEFAULT = `
  import { fileStore } from "propusk/node";
  await fileStore().set("key", "value");
  await fileStore({ directory: undefined, lockTimeout: undefined }).withLock("key", async () => {});`;

test("without a directory, sessions are kept where the system keeps the state of programs", { skip: WINDOWS }, async () => {
  for (const [env, inside] of /** @type {[(folder: string) => object, string][]} */ ([
    [(folder) => ({ XDG_STATE_HOME: join(folder, "state"), HOME: folder }), "state/propusk"],
    [(folder) => ({ XDG_STATE_HOME: "", HOME: folder }), ".local/state/propusk"],
    // Relative ones are to be ignored, says their specification.
    [(folder) => ({ XDG_STATE_HOME: "state", HOME: folder }), ".local/state/propusk"],
  ])) {
    const folder = scratch();
    await run(DEFAULT, { env: env(folder) });
    assert.equal(readdirSync(join(folder, inside)).length, 1);
    assert.equal(mode(join(folder, inside)), 0o700);
  }
});

test("the same on Windows", { skip: !WINDOWS }, async () => {
  const folder = scratch();
  await run(DEFAULT, { env: { LOCALAPPDATA: folder } });
  assert.equal(readdirSync(join(folder, "propusk")).length, 1);
});

test("a relative directory is one of the folder that the script was in when it made the store", async () => {
  const folder = scratch();
  mkdirSync(join(folder, "elsewhere"));
  const source = `
    import { fileStore } from "propusk/node";
    process.chdir(process.argv[2]);
    const store = fileStore({ directory: "sessions" });
    process.chdir("elsewhere");
    await store.set("key", "value");`;
  await run(source, { args: [folder] });
  assert.deepEqual(readdirSync(folder).sort(), ["elsewhere", "sessions"]);
  assert.ok(homedir());
});
