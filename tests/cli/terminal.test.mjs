import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { ACCOUNTS, SECOND_FACTOR, start } from "../support/sandbox.mjs";
import { user } from "./support/cli.mjs";
import { signIn } from "./support/services.mjs";

const box = await start();
beforeEach(box.reset);
after(box.stop);

const KASSA = "bifit-kassa";
const login = () => ["login", KASSA, "--base-url", box.services[KASSA].baseUrl];
const { username, password } = ACCOUNTS[KASSA];

test("what a service takes is asked for, and what is secret is not shown", async () => {
  const me = user();
  const terminal = me.terminal(login());
  await terminal.until(/Phone number: $/);
  terminal.type(`${username}\r`);
  await terminal.until(/Password: $/);
  terminal.type(`${password}\r`);
  const { status, stdout } = await terminal.ended;
  assert.equal(status, 0, stdout);
  assert.match(stdout, new RegExp(`Phone number: ${username}\\s+Password: \\s+Signed in to ${KASSA} as 120041 \\(valid until`));
  assert.ok(!stdout.includes(password), stdout);
  assert.equal((await me.run(["token", KASSA])).status, 0);
});

test("what is typed ahead is not shown either, and mistakes can be mended", async () => {
  const me = user();
  const terminal = me.terminal(login());
  await terminal.until(/Phone number: $/);
  // The second line is there before it is asked for; an arrow key is no letter, and the last letters are taken back.
  terminal.type(`7999\x15${username}x\x7f\r\x1b[A${password}zz\x7f\x7f\r`);
  const { status, stdout } = await terminal.ended;
  assert.equal(status, 0, stdout);
  assert.ok(!stdout.includes(password.slice(0, 4)), stdout);
});

test("a second factor is asked for at the terminal, again where it was mistyped", async () => {
  const me = user();
  const terminal = me.terminal(login());
  await terminal.until(/Phone number: $/);
  terminal.type(`${SECOND_FACTOR.username}\r${SECOND_FACTOR.password}\r`);
  await terminal.until(/Confirmation code: $/);
  terminal.type("000000\r");
  await terminal.until(/not accepted[^]*Confirmation code: $/);
  terminal.type("123456\r");
  const { status, stdout } = await terminal.ended;
  assert.equal(status, 0, stdout);
  assert.doesNotMatch(stdout.replace(SECOND_FACTOR.username, ""), /000000|123456|secret/);
});

test("what the environment says is not asked for, and who sits there is told", async () => {
  const me = user();
  const env = { PROPUSK_USERNAME: username, PROPUSK_PASSWORD: password };
  const terminal = me.terminal(login(), { env });
  const { status, stdout } = await terminal.ended;
  assert.equal(status, 0, stdout);
  assert.match(stdout, /Warning: .*PROPUSK_USERNAME, PROPUSK_PASSWORD/);
  const script = await user().run(login(), { env });
  assert.deepEqual([script.status, /Warning/.test(script.stderr)], [0, false], "a script knows what it does");
  const token = user().terminal(["login", "invoicebox", "--base-url", box.services.invoicebox.baseUrl], { env: { PROPUSK_TOKEN: ACCOUNTS.invoicebox.token } });
  assert.equal((await token.ended).status, 0);
});

test("where there is nobody to ask, nobody is asked", async () => {
  const me = user();
  const { status, stderr, stdout } = await me.run(login());
  assert.deepEqual([status, stdout], [2, ""]);
  assert.match(stderr, /no terminal[^]*--stdin/);
  const terminal = me.terminal([...login(), "--stdin"]);
  assert.equal((await terminal.ended).status, 2, "a password would be shown while it is typed");
  const ended = me.terminal(login());
  await ended.until(/Phone number: $/);
  ended.type("\x04");
  assert.equal((await ended.ended).status, 2);
});

test("Ctrl-C ends a question with 130, and the terminal shows again what is typed", async () => {
  const me = user();
  const terminal = me.terminal(login(), { then: "stty -a" });
  await terminal.until(/Phone number: $/);
  terminal.type(`${username}\r`);
  await terminal.until(/Password: $/);
  terminal.type("half\x03");
  const { status, stdout } = await terminal.ended;
  assert.equal(status, 130, stdout);
  assert.ok(!stdout.includes("half"), stdout);
  assert.match(stdout, /\bisig icanon\b[^]*\becho\b/);
});

test("Ctrl-C ends a wait with 130", async () => {
  const me = user();
  await box.fault(KASSA, "login", { kind: "hold" });
  const terminal = me.terminal(login());
  await terminal.until(/Phone number: $/);
  terminal.type(`${username}\r${password}\r`);
  await box.held(KASSA);
  terminal.type("\x03");
  assert.equal((await terminal.ended).status, 130);
  assert.equal((await me.run(["token", KASSA])).status, 3);
});

test("who waits at a terminal is told for what, and a script is not", async () => {
  const me = user();
  await signIn(me, box, KASSA);
  await box.fault(KASSA, "api", { kind: "hold", times: -1 });
  const terminal = me.terminal(["fetch", KASSA, "protected/goods"]);
  await terminal.until(/Waiting for bifit-kassa/);
  const quiet = me.terminal(["fetch", KASSA, "protected/goods", "--quiet"]);
  const script = me.start(["fetch", KASSA, "protected/goods"]);
  await box.held(KASSA, 3);
  await box.healed();
  await box.release(KASSA);
  assert.equal((await terminal.ended).status, 0);
  assert.doesNotMatch((await quiet.ended).stdout, /Waiting/);
  assert.equal((await script.ended).stderr, "");
});
