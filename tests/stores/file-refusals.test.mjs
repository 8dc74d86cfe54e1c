/** Folders and files that somebody else may have had a hand in are refused, and left as they are. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { failure, spies, suite } from "../support/suite.mjs";
import { fileStore, run, scratch } from "./support/scratch.mjs";

const KASSA = "bifit-kassa";
const { propusk, box, create } = await suite();
const unix = { skip: process.platform === "win32" && "Windows has no such rights" };
const root = { skip: process.geteuid?.() !== 0 && "only root can give files away" };
const user = { skip: process.geteuid?.() === 0 && "root may do everything" };
const NOBODY = 65534;

/** Every use of a store that has to be refused. @param {string} directory @param {RegExp} why @param {(keyof import("propusk").TokenStore)[]} [uses] */
async function refuses(directory, why, uses = ["get", "set", "delete", "withLock", "watch"]) {
  const store = fileStore({ directory });
  const calls = {
    get: () => store.get("key"),
    set: () => store.set("key", "mine"),
    delete: () => store.delete("key"),
    withLock: () => store.withLock("key", async () => assert.fail("it ran")),
    watch: async () => store.watch("key", () => {}),
  };
  for (const use of uses) {
    const error = await failure(Promise.resolve(calls[use]()));
    assert.ok(propusk.isAuthError(error, "storage"), `${use}: ${error}`);
    assert.match(error.message, why, use);
    assert.ok(error.message.includes(directory.slice(-290)), error.message);
    assert.match(error.hint ?? "", /\.$|chmod go-w/, use);
    assert.equal(error.retryable, false);
  }
}

test("a folder that the group or others may write to", unix, async () => {
  for (const mode of [0o720, 0o702, 0o1777]) {
    const directory = scratch();
    chmodSync(directory, mode);
    await refuses(directory, /can be written to by other users/);
    assert.deepEqual(readdirSync(directory), []);
    chmodSync(directory, 0o755);
    await fileStore({ directory }).set("key", "fine");
  }
});

test("a folder of another user", root, async () => {
  const directory = scratch();
  chownSync(directory, NOBODY, NOBODY);
  await refuses(directory, /belongs to another user/);
});

test("a link of one's own to a folder of one's own is fine; one that leads nowhere, or to a shared folder, is not", unix, async () => {
  const folder = scratch();
  const link = join(folder, "link");
  symlinkSync(join(folder, "real"), link);
  await refuses(link, /is a link that leads nowhere/);
  mkdirSync(join(folder, "real"), { mode: 0o700 });
  await fileStore({ directory: link }).set("key", "value");
  assert.equal(readdirSync(join(folder, "real")).length, 1);
  chmodSync(join(folder, "real"), 0o777);
  await refuses(link, /can be written to by other users/);
});

test("a file in the place of the folder, or of one that it is in", async () => {
  const file = join(scratch(), "file");
  writeFileSync(file, "");
  await refuses(file, /is no folder/);
  await refuses(join(file, "inner"), /a part of the path is no folder/, ["set"]);
});

test("a path that the system does not take", async () => {
  await refuses(join(scratch(), "x".repeat(300)), /the path is too long/);
});

test("a folder that this user may not write to, and one that it may not read", user, async () => {
  const directory = scratch();
  await fileStore({ directory }).set("key", "value");
  chmodSync(directory, 0o500);
  await refuses(directory, /this user has no right to it/, ["set", "delete", "withLock"]);
  assert.equal(await fileStore({ directory }).get("key"), "value");
  chmodSync(directory, 0);
  await refuses(directory, /this user has no right to it/, ["get", "set", "delete", "withLock"]);
  chmodSync(directory, 0o700);
});

/** The file that a value is in. @param {string} directory */
async function fileOf(directory) {
  await fileStore({ directory }).set("key", "planted");
  return join(directory, readdirSync(directory)[0]);
}

test("a file that is a link, wherever it leads", unix, async () => {
  const directory = scratch();
  const elsewhere = join(scratch(), "elsewhere");
  const file = await fileOf(directory);
  renameSync(file, elsewhere);
  symlinkSync(elsewhere, file);
  await refuses(directory, /is a link/, ["get", "set", "delete"]);
  assert.ok(lstatSync(file).isSymbolicLink());
  assert.equal(readFileSync(elsewhere, "utf8"), "planted");
  rmSync(elsewhere);
  await refuses(directory, /is a link/, ["get", "set", "delete"]);
});

test("a folder or a pipe in the place of the file", unix, async () => {
  const directory = scratch();
  const file = await fileOf(directory);
  rmSync(file);
  mkdirSync(file);
  await refuses(directory, /is no file/, ["get", "set", "delete"]);
  rmSync(file, { recursive: true });
  execFileSync("mkfifo", ["-m", "600", file]);
  await refuses(directory, /is no file/, ["get", "set", "delete"]);
});

test("a file that others may write to, or that belongs to another user", root, async () => {
  const directory = scratch();
  const file = await fileOf(directory);
  chmodSync(file, 0o620);
  await refuses(directory, /can be written to by other users/, ["get", "set", "delete"]);
  chmodSync(file, 0o600);
  chownSync(file, NOBODY, NOBODY);
  await refuses(directory, /belongs to another user/, ["get", "set", "delete"]);
  assert.equal(readFileSync(file, "utf8"), "planted");
});

test("a link in the place of the lock", unix, async () => {
  const directory = scratch();
  const store = fileStore({ directory });
  const elsewhere = join(scratch(), "elsewhere");
  const lock = await store.withLock("key", async () => join(directory, readdirSync(directory)[0]));
  symlinkSync(elsewhere, lock);
  await refuses(directory, /is a link/, ["withLock"]);
});

test("a path with signs that a terminal acts on is shown without them, in one line", async () => {
  const error = await failure(fileStore({ directory: join(scratch(), `a\u001b[31m\u202e\n${"x".repeat(300)}`) }).get("key"));
  assert.doesNotMatch(error.message, /[\p{Cc}\p{Cf}]/u);
  assert.ok(error.message.length <= 500, error.message);
});

test("trouble that may pass is said to be worth another try", unix, async () => {
  const source = `
    import { closeSync, openSync } from "node:fs";
    import { fileStore } from "propusk/node";
    const store = fileStore({ directory: process.argv[2] });
    await store.set("key", "value");
    const open = [];
    try { for (;;) open.push(openSync("/dev/null")); } catch {}
    const told = [];
    for (const call of [() => store.get("key"), () => store.set("key", "x"), () => store.withLock("key", async () => {})]) {
      await call().catch(({ code, retryable, message, hint, cause }) => told.push([code, retryable, /too many files open$/.test(message), hint, cause.code]));
    }
    open.forEach((file) => closeSync(file));
    console.log(JSON.stringify([told, await store.get("key")]));`;
  // The limit of the process is lowered so that there is an end to it.
  const limited = `
    import { spawnSync } from "node:child_process";
    import { writeFileSync } from "node:fs";
    writeFileSync(new URL("limited.mjs", import.meta.url), ${JSON.stringify(source)});
    const { stdout, stderr } = spawnSync("sh", ["-c", 'ulimit -n 100; exec "$0" "$@"', process.execPath, new URL("limited.mjs", import.meta.url).pathname, process.argv[2]]);
    process.stdout.write(stdout);
    process.stderr.write(stderr);`;
  const [told, value] = JSON.parse(await run(limited, { args: [scratch()] }));
  assert.deepEqual(told, Array(3).fill(["storage", true, true, "Close some, or raise the limit.", "EMFILE"]));
  assert.equal(value, "value");
});

for (const [what, spoil] of /** @type {[string, (directory: string, file: string) => void][]} */ ([
  ["file is a link", (_, file) => (renameSync(file, `${file}.moved`), symlinkSync(`${file}.moved`, file))],
  ["folder others may write to", (directory) => chmodSync(directory, 0o777)],
])) {
  test(`a client with a store whose ${what} works in memory, and warns once`, unix, async () => {
    const directory = scratch();
    const storage = fileStore({ directory });
    const first = await create(KASSA, { storage });
    await first.login(ACCOUNTS[KASSA]);
    first.close();
    const file = join(directory, readdirSync(directory).find((name) => name.endsWith(".session")) ?? assert.fail());
    const kept = readFileSync(file, "utf8");
    spoil(directory, file);
    const { hooks, warnings } = spies();
    const client = await create(KASSA, { storage, ...hooks });
    assert.equal(client.session, null);
    await client.login(ACCOUNTS[KASSA]);
    assert.equal((await client.fetch(GOODS[KASSA])).status, 200);
    await client.refresh();
    await client.logout();
    assert.deepEqual(warnings.map(({ code }) => code), ["storage"]);
    chmodSync(directory, 0o700);
    assert.equal(readFileSync(file, "utf8"), kept);
    assert.equal((await box.families(KASSA)).reuseDetected, 0);
  });
}
