/** Full disks, containers that share a folder, homes that are none: what the machine does to a store in files. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createInterface } from "node:readline";
import { load, project } from "../support/package.mjs";
import { failure } from "../support/suite.mjs";
import { holder } from "./support/holder.mjs";
import { fileStore, later, run, scratch } from "./support/scratch.mjs";

const { isAuthError } = await load();
const is = (/** @type {string} */ wanted) => (/** @type {{ what: string }} */ { what }) => what === wanted;
const isRoot = process.platform === "linux" && process.geteuid?.() === 0;
const spaces = { skip: !(isRoot && spawnSync("unshare", ["--mount", "--pid", "--fork", "true"]).status === 0) && "this user may make no namespaces" };

let programs = 0;

/** A program, and the command that runs it after `before` was done in namespaces of its own. @param {string[]} kinds @param {string} before @param {string} source */
function apart(kinds, before, source) {
  const path = join(project(), `apart-${++programs}.mjs`);
  writeFileSync(path, `import { fileStore } from "propusk/node";\n${source}`);
  return /** @type {(...args: string[]) => [string, string[]]} */ ((...args) => ["unshare", [...kinds, "sh", "-ec", `${before}\nexec "$0" "$@"`, process.execPath, path, ...args]]);
}

/** @param {(...args: string[]) => [string, string[]]} program @param {...string} args */
function runApart(program, ...args) {
  const [command, words] = program(...args);
  const { stdout, stderr, status } = spawnSync(command, words, { encoding: "utf8", timeout: 60_000 });
  assert.equal(`${status} ${stderr}`, "0 ");
  return JSON.parse(stdout);
}

const FILL = `
  import { closeSync, mkdirSync, openSync, readdirSync, writeSync } from "node:fs";
  const directory = process.argv[2] + "/sessions";
  const swap = Symbol.for("propusk.swap");
  const tell = (call) => Promise.resolve(call).then((value) => ["fine", value ?? null], ({ code, retryable, cause }) => [code, retryable, cause?.code]);
  function fill() {
    const file = openSync(process.argv[2] + "/filling", "a");
    for (const size of [4096, 1]) try { for (;;) writeSync(file, Buffer.alloc(size)); } catch {}
    closeSync(file);
  }
  function fillNames() {
    try { for (let n = 0; ; n += 1) closeSync(openSync(process.argv[2] + "/name-" + n, "wx")); } catch {}
  }`;

for (const [what, size, fill] of [
  ["no room for a byte", "size=256k", "fill();"],
  ["no room for a byte or a file", "size=256k,nr_inodes=64", "fill(); fillNames();"],
]) {
  test(`a disk with ${what}: what is removed is gone, a lock is had where a file can be made, and a write says what is wrong`, spaces, () => {
    const folder = scratch();
    const program = apart(["--mount"], `mount -t tmpfs -o ${size} tmpfs ${JSON.stringify(folder)}`, `${FILL}
      const store = fileStore({ directory });
      await store.set("key", "value");
      await store.set("other", "value");
      ${fill}
      const told = {
        set: await tell(store.set("key", "x".repeat(10_000))),
        kept: await store.get("key"),
        wrong: await tell(store[swap]("other", "another", null)),
        removed: await tell(store[swap]("other", "value", null)),
        lock: await tell(store.withLock("key", () => store.withLock("other", async () => "held"))),
        deleted: await tell(store.delete("key")),
      };
      // In the next run, too.
      told.after = [await fileStore({ directory }).get("key"), await store.get("other")];
      told.left = readdirSync(directory);
      console.log(JSON.stringify(told));`);
    const { set, lock, ...told } = runApart(program, folder);
    assert.deepEqual(told, { kept: "value", wrong: ["fine", false], removed: ["fine", true], deleted: ["fine", null], after: [null, null], left: [] });
    assert.deepEqual(set, ["storage", true, "ENOSPC"]);
    // Where names have run out as well, who wants a lock is told.
    assert.deepEqual(lock, fill.includes("Names") ? ["storage", true, "ENOSPC"] : ["fine", "held"]);
  });
}

/** A process in a place of its own that takes the lock and keeps it, for as long as it is not told to end. @param {string[]} kinds @param {string} before @param {string} directory */
async function heldApart(kinds, before, directory) {
  const program = apart(kinds, before, `
    const store = fileStore({ directory: process.argv[2] });
    await store.withLock("key", () => new Promise(() => { console.log("in"); process.stdin.resume(); }));`);
  const [command, words] = program(directory);
  const child = spawn(command, words, { stdio: ["pipe", "pipe", "inherit"] });
  later(() => child.kill("SIGKILL"));
  await new Promise((resolve) => createInterface({ input: child.stdout }).once("line", resolve));
  return child;
}

for (const [what, kinds, before] of /** @type {[string, string[], string][]} */ ([
  ["in another container", ["--pid", "--fork", "--kill-child", "--mount-proc"], ":"],
  ["where no process can be looked at", ["--mount"], "mount -t tmpfs tmpfs /proc"],
])) {
  test(`a holder ${what} is not taken for dead while it lives, and is passed over when it is killed`, { ...spaces, timeout: 180_000 }, async () => {
    const directory = scratch();
    const child = await heldApart(kinds, before, directory);
    // Longer than the silence that is taken for death.
    const error = await failure(fileStore({ directory, lockTimeout: 14_000 }).withLock("key", async () => assert.fail("two hold it")));
    assert.match(error.message, /a process that cannot be seen from here holds it$/);
    child.kill("SIGKILL");
    assert.equal(await fileStore({ directory }).withLock("key", async () => "held"), "held");
    assert.deepEqual(readdirSync(directory), []);
  });

  test(`one ${what} does not take a holder for dead that it cannot see`, { ...spaces, timeout: 180_000 }, async () => {
    const directory = scratch();
    const living = await holder(directory);
    living.tell({ does: "hold", key: "key" });
    await living.says(is("in"));
    const program = apart(kinds, before, `
      const { message } = await fileStore({ directory: process.argv[2], lockTimeout: 14_000 }).withLock("key", async () => {}).catch((error) => error);
      console.log(JSON.stringify({ message }));`);
    assert.match(runApart(program, directory).message, /holds it$/);
  });
}

test("a holder that stood still too long is told by its task's signal that another may hold the lock", { ...spaces, timeout: 180_000 }, async () => {
  const directory = scratch();
  const program = apart(["--pid", "--fork", "--kill-child", "--mount-proc"], ":", `
    const store = fileStore({ directory: process.argv[2] });
    await store.withLock("key", async (signal) => {
      console.log("in");
      // Listening alone keeps no process alive.
      process.stdin.resume();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      console.log(signal.reason.code);
    });
    process.exit();`);
  const [command, words] = program(directory);
  const child = spawn(command, words, { stdio: ["pipe", "pipe", "inherit"] });
  later(() => child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  assert.equal((await lines.next()).value, "in");
  const [inner] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim().split(" ").map(Number);
  process.kill(inner, "SIGSTOP");
  await fileStore({ directory }).withLock("key", async () => {
    process.kill(inner, "SIGCONT");
    assert.equal((await lines.next()).value, "storage");
  });
  // The other one gives back what it finds to be its own, in its own time.
  while (readdirSync(directory).length > 0) await new Promise(setImmediate);
});

test("a lock of another container that is old enough is passed over at first sight", { skip: process.platform !== "linux" }, async () => {
  const directory = scratch();
  const store = fileStore({ directory, lockTimeout: 0 });
  const [lock, mine] = await store.withLock("key", async () => {
    const path = join(directory, readdirSync(directory)[0]);
    return [path, readFileSync(path, "utf8")];
  });
  writeFileSync(lock, mine.replace(/(?<=^.{8}).{8}/, "0".repeat(8)), { mode: 0o600 });
  assert.match((await failure(store.withLock("key", async () => {}))).message, /cannot be seen from here/);
  const long = new Date(Date.now() - 3_600_000);
  utimesSync(lock, long, long);
  assert.equal(await store.withLock("key", async () => "held"), "held");
});

test("names of files are short enough for encrypted file systems, whatever the key", async () => {
  const directory = scratch();
  /** @type {Set<string>} */
  const seen = new Set();
  const source = `
    import fs from "node:fs";
    import files from "node:fs/promises";
    import { syncBuiltinESMExports } from "node:module";
    const seen = new Set();
    for (const [owner, name] of [[files, "open"], [files, "link"], [files, "lstat"], [fs, "renameSync"]]) {
      const real = owner[name];
      owner[name] = (...given) => (given.slice(0, 2).forEach((path) => typeof path === "string" && seen.add(path.split("/").at(-1))), real(...given));
    }
    syncBuiltinESMExports();
    const { fileStore } = await import("propusk/node");
    const store = fileStore({ directory: process.argv[2] });
    const key = "propusk:" + "long ".repeat(1000);
    await store.withLock(key, () => store.set(key, "value"));
    await store.delete(key);
    console.log(JSON.stringify([...seen]));`;
  for (const name of JSON.parse(await run(source, { args: [directory] }))) seen.add(name);
  assert.ok([...seen].some((name) => name.endsWith(".claim")) && [...seen].some((name) => name.endsWith(".tmp")), String([...seen]));
  for (const name of seen) assert.ok(Buffer.byteLength(name) < 143, `${name.length}: ${name}`);
});

test("a lock of one key is not the lock of a write of another", async () => {
  const store = fileStore({ directory: scratch() });
  const keys = ["key", "key\n", "key:lock", "key.lock", "key.write", "key.session"];
  await store.withLock("key\n", () => store.withLock("key", async () => {
    for (const key of keys) await store.set(key, key);
  }));
  for (const key of keys) assert.equal(await store.get(key), key);
});

test("a home that is empty or relative is an error that says so, and nothing is written where the script runs", { skip: process.platform === "win32" }, async () => {
  for (const HOME of ["", "relative"]) {
    const folder = scratch();
    const source = `
      import { fileStore, listSessions } from "propusk/node";
      process.chdir(process.argv[2]);
      const told = [];
      for (const call of [() => fileStore().set("key", "value"), () => fileStore().get("key"), () => listSessions()]) await call().catch(({ code, message, hint }) => told.push([code, message, hint]));
      console.log(JSON.stringify(told));`;
    const told = JSON.parse(await run(source, { args: [folder], env: { HOME, XDG_STATE_HOME: "" } }));
    assert.equal(told.length, 3);
    for (const [code, message, hint] of told) {
      assert.deepEqual([code, message], ["storage", "this user has no home folder"]);
      assert.match(hint, /HOME.*directory/);
    }
    assert.deepEqual(readdirSync(folder), []);
  }
});

test("options are what the object itself says, whatever a script has done to Object.prototype", async () => {
  const [folder, wrong] = [scratch(), join(scratch(), "wrong")];
  const source = `
    import { fileStore, listSessions } from "propusk/node";
    const [directory, wrong] = process.argv.slice(2);
    Object.assign(Object.prototype, { directory: wrong, lockTimeout: "soon", names: 1, expected: "x", evenEmpty: 1 });
    await fileStore({ directory }).withLock("key", () => fileStore({ directory }).set("key", "value"), {});
    await fileStore({}).set("key", "value");
    await fileStore().set("key", "value");
    console.log((await listSessions({})).length);`;
  assert.equal(await run(source, { args: [folder, wrong], env: { XDG_STATE_HOME: join(folder, "state"), HOME: folder } }), "0");
  assert.ok(!existsSync(wrong));
  assert.equal(readdirSync(join(folder, "state", "propusk")).length, 1);
});

test("a folder in which something else lies keeps it", async () => {
  const directory = scratch();
  mkdirSync(join(directory, "folder.session"));
  writeFileSync(join(directory, "notes"), "mine");
  await fileStore({ directory }).set("key", "value");
  await fileStore({ directory }).delete("key");
  assert.deepEqual(readdirSync(directory).sort(), ["folder.session", "notes"]);
  assert.ok(isAuthError(await failure(fileStore({ directory: join(directory, "notes") }).get("key")), "storage"));
});
