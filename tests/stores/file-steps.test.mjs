/** Whatever step of a write is the last one, or fails: what was there or what was to be there is there, and the next one is not held up. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { project } from "../support/package.mjs";
import { later, scratch, fileStore } from "./support/scratch.mjs";

const linux = { skip: process.platform !== "linux" && "the start of a process is not told here" };
const FAILING = fileURLToPath(new URL("support/failing.mjs", import.meta.url));

/** What is done to a store that holds "old" under "key". @type {Record<string, string>} */
const ACTS = {
  set: 'await store.set("key", "new")',
  delete: 'await store.delete("key")',
  swap: 'await store[Symbol.for("propusk.swap")]("key", "old", "new")',
  withLock: 'await store.withLock("key", () => store.set("key", "new"))',
};

let programs = 0;

/** Runs a program, and gives what it says at its end; null: it was killed. @param {string} source @param {Record<string, string>} env @param {...string} args */
async function attempt(source, env, ...args) {
  const path = join(project(), `step-${++programs}.mjs`);
  writeFileSync(path, `import { fileStore } from "propusk/node";\n${source}`);
  const child = spawn(process.execPath, ["--import", FAILING, path, ...args], { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  later(() => child.kill("SIGKILL"));
  const [[code, signal], out, err] = await Promise.all([once(child, "close"), text(child.stdout), text(child.stderr)]);
  assert.ok(signal === "SIGKILL" || code === 0, err);
  return out ? JSON.parse(out) : null;
}

/**
 * A folder for each step of an act, of which that step was the last thing that a process did.
 *
 * @param {string} act
 * @param {Record<string, string>} [env]
 */
async function ends(act, env) {
  const source = `
    const store = fileStore({ directory: process.argv[2] });
    globalThis.counting = true;
    ${act};
    console.log(globalThis.steps);`;
  for (let step = 1, folders = []; ; step += 1) {
    const directory = scratch();
    await fileStore({ directory }).set("key", "old");
    const steps = await attempt(source, { ...env, STEP: String(step), FATE: "die" }, directory);
    if (steps === null) {
      folders.push(directory);
      continue;
    }
    assert.equal(steps, step - 1);
    return folders;
  }
}

/** What lies there besides values. @param {string} directory */
const rest = (directory) => readdirSync(directory).filter((name) => !name.endsWith(".session"));

/** A new script's store: it takes the lock, it writes, and it leaves nothing of what others left. @param {string} directory */
async function goesOn(directory) {
  const next = fileStore({ directory, lockTimeout: 0 });
  const found = await next.get("key");
  assert.equal(await next.withLock("key", async () => "held"), "held");
  await next.set("key", "next");
  assert.equal(await next.get("key"), "next");
  assert.deepEqual(rest(directory), []);
  return found;
}

for (const [name, act] of Object.entries(ACTS)) {
  test(`${name}: a process that is killed after any step leaves the old value or the new one, and holds up nobody`, linux, async () => {
    const folders = await ends(act);
    assert.ok(folders.length > 12, `only ${folders.length} steps were seen`);
    const found = new Set();
    for (const directory of folders) found.add(await goesOn(directory));
    assert.deepEqual([...found].map(String).sort(), name === "delete" ? ["null", "old"] : ["new", "old"]);
  });

  for (const [what, env] of /** @type {[string, Record<string, string>][]} */ ([
    ["a burst of EMFILE", { FATE: "EMFILE", STEPS: "4" }],
    ["one EIO", { FATE: "EIO" }],
    ["one ESTALE of what was done all the same", { FATE: "ESTALE", DONE: "1" }],
    ["one EEXIST of a link that was made all the same", { FATE: "EEXIST", DONE: "1" }],
  ])) {
    test(`${name}: ${what} at any step leaves no lock behind, in this process and for others`, linux, async () => {
      const folders = Array.from({ length: 40 }, scratch);
      const source = `
        const told = [];
        for (const [n, directory] of process.argv.slice(2).entries()) {
          const store = fileStore({ directory });
          await store.set("key", "old");
          Object.assign(globalThis, { steps: 0, first: n + 1, counting: true });
          const failed = await (async () => { ${act}; })().then(() => null, ({ code, cause }) => [code, cause?.code]);
          globalThis.counting = false;
          const found = await store.get("key");
          await store.withLock("key", async () => {});
          await store.set("key", "again");
          told.push({ failed, found, steps: globalThis.steps, again: await store.get("key") });
        }
        console.log(JSON.stringify(told));`;
      const told = await attempt(source, env, ...folders);
      assert.ok(told.at(-1).steps < 40, "not every step was made to fail");
      const done = name === "delete" ? null : "new";
      for (const [n, { failed, found, again }] of told.entries()) {
        assert.equal(again, "again");
        if (failed) assert.deepEqual(failed, ["storage", env.FATE]);
        assert.ok(["old", done].includes(found), `${found} after step ${n + 1}`);
        if (!failed) assert.equal(found, done, `step ${n + 1} failed, and nobody was told`);
        await goesOn(folders[n]);
      }
    });
  }
}

const ELSEWHEN = { BOOT: "00000000-0000-4000-8000-000000000000" };

test("after power was lost in the middle of a write, the next script goes on at once, also an hour later", linux, async () => {
  const long = new Date(Date.now() - 3_600_000);
  for (const directory of await ends(ACTS.withLock, ELSEWHEN)) {
    for (const file of readdirSync(directory)) utimesSync(join(directory, file), long, long);
    await goesOn(directory);
  }
});

test("power that was lost a moment ago, in the middle of a write: the next write waits no longer than it may", linux, async () => {
  const folders = await ends(ACTS.set, ELSEWHEN);
  const locked = folders.flatMap((directory) => readdirSync(directory).filter((name) => name.endsWith(".write")).map((name) => [directory, name]));
  assert.ok(locked.length > 4, "it never had the lock");
  await Promise.all(
    locked.map(async ([directory, lock], n) => {
      // As a file's content may be after that.
      if (n % 2) writeFileSync(join(directory, lock), "");
      const next = fileStore({ directory });
      await next.set("key", "next");
      assert.equal(await next.get("key"), "next");
    }),
  );
});
