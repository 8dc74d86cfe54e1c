/** Whoever reads a file while it is written, or after its writer was killed, finds a whole value. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { fileStore, helper, run, scratch } from "./support/scratch.mjs";

const WRITER = `
  import { fileStore } from "propusk/node";
  const [directory, letter] = process.argv.slice(2);
  const store = fileStore({ directory });
  const value = letter.repeat(300_000);
  await store.set("key", value);
  console.log(JSON.stringify({ what: "ready" }));
  for (;;) await store.set("key", value);`;

test("a value is never seen half written, while its writers are killed", async () => {
  const directory = scratch();
  const store = fileStore({ directory });
  const isWhole = (/** @type {string} */ value) => value.length === 300_000 && value === value[0].repeat(300_000);
  const seen = new Set();
  let drafts = 0;
  for (let round = 0; round < 8; round += 1) {
    const writers = ["a", "b", "c"].map((letter) => helper(WRITER, directory, letter));
    await Promise.all(writers.map((writer) => writer.says(() => true)));
    for (let n = 0; n < 20; n += 1) {
      const value = (await store.get("key")) ?? assert.fail("it is gone");
      assert.ok(isWhole(value), `${value.length} characters`);
      seen.add(value[0]);
    }
    await Promise.all(writers.map((writer) => writer.kill()));
    const [session] = readdirSync(directory).filter((name) => name.endsWith(".session"));
    assert.ok(isWhole(readFileSync(join(directory, session), "utf8")));
    drafts += readdirSync(directory).filter((name) => name.endsWith(".tmp")).length;
  }
  assert.ok(seen.size > 1, "only one of them wrote");
  assert.ok(drafts > 0, "none was killed in the middle of writing");
  // The next one clears up.
  const next = fileStore({ directory });
  for (const key of ["key", "other"]) await next.set(key, "value");
  assert.deepEqual(readdirSync(directory).filter((name) => !name.endsWith(".session")), []);
});

/** The name of a draft of this process. @param {string} directory */
async function draftIn(directory) {
  const store = fileStore({ directory });
  const owner = await store.withLock("key", async () => readFileSync(join(directory, readdirSync(directory)[0]), "utf8"));
  await store.set("key", "value");
  const [session] = readdirSync(directory);
  return (/** @type {(owner: string) => string} */ change) => {
    const draft = join(directory, `${session.replace(/\.session$/, "")}.${change(owner)}.tmp`);
    writeFileSync(draft, "secret", { mode: 0o600 });
    return draft;
  };
}

test("what a living process is writing is left alone; what nobody can look up, until it is old", { skip: process.platform !== "linux" }, async () => {
  const directory = scratch();
  const plant = await draftIn(directory);
  const mine = plant((owner) => owner);
  const reused = plant((owner) => owner.replace(/-[0-9]+-(?=[0-9a-f]{32}$)/, "-1-"));
  const foreign = plant((owner) => owner.replace(/^.{16}/, "0".repeat(16)));
  const forgotten = plant((owner) => owner.replace(/^.{16}/, "1".repeat(16)));
  const others = ["notes.tmp", "x.claim", "0.lock"].map((name) => join(directory, name));
  for (const file of others) writeFileSync(file, "");
  const long = new Date(Date.now() - 3_600_000);
  for (const file of [mine, forgotten, ...others]) utimesSync(file, long, long);
  await fileStore({ directory }).set("key", "new");
  assert.deepEqual([mine, reused, foreign, forgotten, ...others].filter((file) => existsSync(file)).map((file) => basename(file)), [mine, foreign, ...others].map((file) => basename(file)));
});

test("a value that cannot be written leaves the old one, and nothing beside it", { skip: process.platform === "win32" }, async () => {
  const directory = scratch();
  await fileStore({ directory }).set("key", "old");
  // No file of this process may get longer than this.
  const source = `
    import { spawnSync } from "node:child_process";
    import { writeFileSync } from "node:fs";
    const script = new URL("short.mjs", import.meta.url);
    writeFileSync(script, ${JSON.stringify(`
      import { fileStore } from "propusk/node";
      process.on("SIGXFSZ", () => {});
      const store = fileStore({ directory: process.argv[2] });
      const error = await store.set("key", "x".repeat(1_000_000)).catch((error) => error);
      console.log(JSON.stringify([error.code, error.retryable, error.cause?.code, await store.get("key")]));`)});
    const { stdout, stderr } = spawnSync("sh", ["-c", 'ulimit -f 8; exec "$0" "$@"', process.execPath, script.pathname, process.argv[2]]);
    process.stdout.write(stdout);
    process.stderr.write(stderr);`;
  assert.deepEqual(JSON.parse(await run(source, { args: [directory] })), ["storage", true, "EFBIG", "old"]);
  assert.equal(readdirSync(directory).length, 1);
});

test("a folder that is removed meanwhile is made again", async () => {
  const directory = join(scratch(), "inner");
  const store = fileStore({ directory });
  await store.set("key", "value");
  rmSync(directory, { recursive: true });
  assert.equal(await store.get("key"), null);
  await store.set("key", "again");
  assert.equal(await store.get("key"), "again");
  await store.withLock("key", async () => {
    rmSync(directory, { recursive: true });
  });
  assert.equal(await store.get("key"), null);
  assert.equal(await store.withLock("key", async () => "held"), "held");
});
