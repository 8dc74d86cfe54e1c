import assert from "node:assert/strict";
import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, beforeEach, test } from "node:test";
import { project } from "../support/package.mjs";
import { ACCOUNTS, start } from "../support/sandbox.mjs";
import { user } from "./support/cli.mjs";
import { signIn } from "./support/services.mjs";

const box = await start();
beforeEach(box.reset);
after(box.stop);

const KASSA = "bifit-kassa";
const OLD = ["--min-validity", "999999"];

/** Locks that lie in a folder. @param {ReturnType<typeof user>} me */
const locks = async (me) => (await readdir(me.sessions)).filter((name) => /\.(lock|write|claim|next|tmp)$/.test(name));

/** What a Node script of the same user prints. @param {ReturnType<typeof user>} me @param {string} code */
async function script(me, code) {
  const path = join(me.home, "script.mjs");
  const entry = (/** @type {string} */ name) => JSON.stringify(pathToFileURL(join(project(), name)).href);
  const options = JSON.stringify({ provider: KASSA, baseUrl: box.services[KASSA].baseUrl });
  await writeFile(path, `import { AuthClient } from ${entry("propusk.mjs")};
import { fileStore } from ${entry("propusk-node.mjs")};
const client = await AuthClient.create({ ...${options}, storage: fileStore() });
${code}
client.close();`);
  const { status, stdout, stderr } = await me.bash(`"$NODE" ${path}`);
  assert.equal(status, 0, stderr);
  return stdout;
}

test("sessions are those of Node scripts of the same user", async () => {
  const me = user();
  await signIn(me, box, KASSA);
  const token = (await me.run(["token", KASSA])).stdout;
  assert.equal(await script(me, "console.log(await client.getAccessToken());"), token);
  await script(me, "await client.logout();");
  assert.equal((await me.run(["token", KASSA])).status, 3);

  const other = user();
  await script(other, `await client.login(${JSON.stringify(ACCOUNTS[KASSA])});`);
  const { status, value } = await other.json(["whoami", KASSA]);
  assert.deepEqual([status, value.subject], [0, "120041"], "also where no login said which server it is");
  assert.equal((await other.run(["logout", KASSA, "--all"])).status, 0);
  assert.equal(await script(other, "console.log(client.session);"), "null\n");
});

test("several at once renew once", async () => {
  const me = user();
  await signIn(me, box, KASSA);
  await box.fault(KASSA, "refresh", { kind: "hold" });
  const running = Array.from({ length: 3 }, () => me.start(["token", KASSA, ...OLD]));
  const watcher = me.terminal(["token", KASSA, ...OLD]);
  await box.held(KASSA);
  await watcher.until(/Waiting for another process|Waiting for bifit-kassa/);
  await box.release(KASSA);
  const ended = await Promise.all([...running, watcher].map((one) => one.ended));
  assert.deepEqual(ended.map(({ status }) => status), [0, 0, 0, 0]);
  assert.equal(new Set(ended.slice(0, 3).map(({ stdout }) => stdout)).size, 1);
  assert.equal((await box.families(KASSA)).reuseDetected, 0);
  assert.deepEqual(await locks(me), []);
});

for (const [signal, exit] of /** @type {const} */ ([["SIGINT", 130], ["SIGTERM", 143]])) {
  test(`${signal} while a renewal is under way leaves no lock behind, and what is kept stays`, async () => {
    const me = user();
    await signIn(me, box, KASSA);
    await box.fault(KASSA, "refresh", { kind: "hold" });
    const running = me.start(["token", KASSA, ...OLD]);
    await box.held(KASSA);
    running.child.kill(signal);
    const { status, stdout } = await running.ended;
    assert.deepEqual([status, stdout], [exit, ""]);
    assert.deepEqual(await locks(me), []);
    await box.release(KASSA);
    assert.equal((await me.run(["token", KASSA])).status, 0);
  });
}

test("Ctrl-C while another process renews ends the wait, and the other one gets its token", async () => {
  const me = user();
  await signIn(me, box, KASSA);
  await box.fault(KASSA, "refresh", { kind: "hold" });
  const running = me.start(["token", KASSA, ...OLD]);
  await box.held(KASSA);
  const waiting = me.terminal(["token", KASSA, ...OLD]);
  await waiting.until(/Waiting for another process/);
  waiting.type("\x03");
  assert.equal((await waiting.ended).status, 130);
  await box.release(KASSA);
  assert.equal((await running.ended).status, 0);
  assert.deepEqual(await locks(me), []);
});

test("a renewal that is answered in time after Ctrl-C is kept", async () => {
  const me = user();
  await signIn(me, box, KASSA);
  const before = (await me.run(["token", KASSA])).stdout;
  await box.fault(KASSA, "refresh", { kind: "hold", handled: true });
  const running = me.start(["token", KASSA, ...OLD]);
  await box.held(KASSA);
  running.child.kill("SIGINT");
  await box.release(KASSA);
  assert.equal((await running.ended).status, 130);
  const after = await me.run(["token", KASSA]);
  assert.equal(after.status, 0);
  assert.notEqual(after.stdout, before, "its refresh token was spent");
  assert.equal((await me.run(["token", KASSA, ...OLD])).status, 0);
  assert.equal((await box.families(KASSA)).reuseDetected, 0);
});

test("a store that does not work ends with 6, and says what is wrong with it", async () => {
  const me = user();
  const ends = async (/** @type {string[]} */ args, /** @type {Record<string, string | undefined>} */ env = {}) => {
    const input = JSON.stringify(ACCOUNTS[KASSA]);
    const { status, value } = await me.json(args, { env, input });
    return [status, value.error?.code];
  };
  const login = ["login", KASSA, "--stdin", "--base-url", box.services[KASSA].baseUrl];
  await mkdir(me.sessions, { recursive: true });
  await chmod(me.sessions, 0o777);
  for (const args of [login, ["token", KASSA], ["fetch", KASSA, "x"], ["whoami", KASSA], ["sessions"], ["whoami"], ["logout", KASSA]]) {
    assert.deepEqual(await ends(args), [6, "storage"], args[0]);
  }
  await writeFile(join(me.home, "file"), "");
  assert.deepEqual(await ends(login, { XDG_STATE_HOME: join(me.home, "file") }), [6, "storage"]);
  assert.deepEqual(await ends(login, { XDG_STATE_HOME: undefined, HOME: "" }), [6, "storage"]);
  assert.equal((await box.counts(KASSA)).login ?? 0, 0, "no password was sent for nothing");
  const { stderr } = await me.run(["token", KASSA]);
  assert.match(stderr, /can be written to by other users[^]*chmod go-w/);
});

test("what nobody reads ends quietly", async () => {
  const me = user();
  for (const line of [`"$NODE" "$CLI" providers | head -c 5`, `"$NODE" "$CLI" --help | head -n 1`]) {
    const { stdout, stderr, status } = await me.bash(`set -o pipefail; ${line}`);
    assert.deepEqual([status, stderr], [0, ""], line);
    assert.ok(stdout.length > 4);
  }
});

test("curl takes the header from the command", async () => {
  const me = user();
  await signIn(me, box, KASSA);
  const { stdout, status } = await me.bash(`curl --silent --fail -H @- "${box.services[KASSA].baseUrl}/protected/goods" < <("$NODE" "$CLI" token ${KASSA} --header)`);
  assert.equal(status, 0);
  assert.equal(JSON.parse(stdout).user_id, 120041);
});
