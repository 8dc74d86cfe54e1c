import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { json, record } from "../support/recorder.mjs";
import { leaked, plant, plantToken } from "../support/secrets.mjs";
import { user } from "./support/cli.mjs";

/** @param {string} baseUrl */
const profile = (baseUrl) => ({
  id: "own",
  baseUrl,
  params: { region: "eu", client_secret: "" },
  optionalParams: ["client_secret"],
  credentials: ["login", "pin"],
  login: {
    kind: "request",
    request: { url: "/{region}/token", headers: { "X-Pin": "{pin|sha256|hex}" }, form: { user: "{login}", pin: "{pin}", secret: "{client_secret}" } },
  },
  answer: { subject: "me.id", expires: { in: "expires_in" } },
  present: { headers: { "X-Key": "{access_token}" } },
});

/** @param {import("node:test").TestContext} t @param {Parameters<typeof record>[0]} [answer] */
async function service(t, answer = () => json({ access_token: "T-1", expires_in: 600, me: { id: 7 } })) {
  const server = await record(answer);
  t.after(server.stop);
  return server;
}

/** @param {ReturnType<typeof user>} me @param {string} name @param {unknown} value */
const write = (me, name, value) => writeFile(join(me.home, name), typeof value === "string" ? value : JSON.stringify(value));

test("a profile of one's own is a service like any other", async (t) => {
  const me = user();
  const server = await service(t);
  await write(me, "own.json", profile(server.origin));
  await write(me, "own.mjs", `export default ${JSON.stringify(profile(server.origin))};`);
  for (const path of ["./own.json", "own.mjs"]) {
    const secret = plant("client_secret", "");
    const args = ["login", path, "--stdin", "--set", "region=ru", "--set", `client_secret=${secret}`, "--account", path];
    const login = await me.json(args, { input: '{"login":"me","pin":"0007"}' });
    assert.equal(login.status, 0, login.stdout);
    assert.deepEqual({ ...login.value, expiresAt: 0 }, { service: "own", account: path, subject: "7", scope: [], expiresAt: 0, renewable: false });
    const sent = server.requests.at(-1);
    assert.equal(sent?.url, "/ru/token", "a param is set like an option");
    assert.ok(sent?.body.includes(`pin=0007&secret=${secret}`));
    assert.equal((await me.run(["token", path, "--account", path])).stdout, "T-1\n");
    assert.equal((await me.run(["token", path, "--account", path, "--header"])).stdout, "x-key: T-1\n");
    await me.run(["fetch", path, "goods", "--account", path]);
    assert.equal(server.requests.at(-1)?.headers["x-key"], "T-1");
    const kept = await me.bash(`cat ${me.sessions}/propusk-cli*`);
    assert.deepEqual(leaked(kept.stdout), []);
  }
  const { value } = await me.json(["sessions"]);
  assert.deepEqual(value.sessions.map((/** @type {any} */ { service, subject }) => [service, subject]), [["own", "7"], ["own", "7"]]);
  assert.deepEqual((await me.json(["logout", "./own.json", "--all"])).value.accounts.sort(), ["./own.json", "own.mjs"]);
  assert.deepEqual((await me.json(["sessions"])).value, { sessions: [] });
});

test("every fault of a profile is told with its place", async () => {
  const me = user();
  const wrong = { ...profile("http://example.test"), colour: 1, credentials: ["login"], answer: { expires: { in: 7 } }, renew: { form: { r: "{code}" } } };
  await write(me, "wrong.json", wrong);
  await write(me, "wrong.js", `module.exports = ${JSON.stringify(wrong)}`);
  for (const path of ["wrong.json", "wrong.js"]) {
    const { status, value } = await me.json(["check-profile", path]);
    assert.equal(status, 1);
    assert.deepEqual(
      value.faults.map((/** @type {any} */ fault) => fault.path),
      ["colour", "login.request.headers.X-Pin", "login.request.form.pin", "renew.url", "renew.form.r", "answer.expires.in", "baseUrl"],
    );
    for (const { message } of value.faults) assert.equal(typeof message, "string");
  }
  const text = await me.run(["check-profile", "wrong.json"]);
  assert.equal(text.status, 1);
  assert.match(text.stdout, /^colour: must be left out: it is not known here/m);
  assert.match(text.stdout, /^baseUrl: /m);
  assert.equal(text.stderr, "7 faults.\n");
  assert.equal((await me.run(["login", "./wrong.json", "--stdin"], { input: "{}" })).status, 2, "and none of it is used");
});

test("what is no profile at all is told as one fault, and what cannot be read as such", async () => {
  const me = user();
  for (const [name, content, exit, says] of /** @type {[string, string, number, RegExp][]} */ ([
    ["list.json", "[]", 1, /an object/],
    ["empty.json", "", 1, /no JSON/],
    ["cut.json", '{\n  "id": "own",\n  "baseUrl": oops\n}', 1, /no JSON: see line 3, column 14/],
    ["twice.json", '{"id":"a","id":"b"}', 1, /each name once/],
    ["circle.mjs", "const a = {}; a.a = a; export default a;", 1, /must be JSON/],
    ["throws.mjs", "throw new Error('on purpose')", 2, /on purpose/],
    ["nothing.mjs", "export const other = 1;", 2, /no default export/],
  ])) {
    await write(me, name, content);
    const { status, value } = await me.json(["check-profile", name]);
    assert.equal(status, exit, name);
    const messages = exit === 1 ? value.faults.map((/** @type {any} */ { message }) => message) : [value.error.message];
    assert.match(messages.join("\n"), says);
  }
});

test("a profile that is tried out shows what was sent and understood, and no secret", async (t) => {
  const me = user();
  const token = plantToken("token");
  const pin = plant("pin", "");
  const server = await service(t, () => json({ access_token: token, expires_in: 600, me: { id: 7 }, city: "Omsk" }));
  await write(me, "own.json", profile(server.origin));
  const input = JSON.stringify({ login: "me", pin });
  const text = await me.run(["check-profile", "own.json", "--try", "--stdin"], { input });
  assert.equal(text.status, 0, text.stderr);
  assert.match(text.stdout, /login: POST http:\/\/127\.0\.0\.1:\d+\/eu\/token -> 200/);
  assert.match(text.stdout, /form: user, pin\n/);
  assert.match(text.stdout, /"subject": "7"/);
  assert.match(text.stdout, /"city": "Omsk"/);
  const object = await me.json(["check-profile", "own.json", "--try", "--stdin"], { input });
  assert.deepEqual([object.status, object.value.faults, object.value.session.subject], [0, [], "7"]);
  assert.deepEqual(leaked(text.stdout + text.stderr + object.stdout + object.stderr), []);
  assert.deepEqual((await me.json(["sessions"])).value, { sessions: [] }, "nothing is kept of it");

  const refusing = await service(t, () => json({ error: "invalid_grant", error_description: `no ${pin}` }, 400));
  await write(me, "own.json", profile(refusing.origin));
  const refused = await me.run(["check-profile", "own.json", "--try", "--stdin"], { input });
  assert.equal(refused.status, 4);
  assert.match(refused.stdout, /-> 400 \(invalid_credentials\)/);
  assert.match(refused.stderr, /invalid_grant/);
  assert.deepEqual(leaked(refused.stdout + refused.stderr), []);
});

test("sessions of one's own profiles are told as the client has them", async (t) => {
  const me = user();
  const server = await service(t, () => json({ access_token: "T-1", expires_in: 600, scope: "goods orders", me: { id: 7 } }));
  /** Its own login renews it, and it asks for a secret that is kept nowhere. */
  const machine = {
    ...profile(server.origin),
    params: { client_id: "", client_secret: "" },
    optionalParams: [],
    credentials: [],
    login: { kind: "request", request: { url: "/token", form: { grant_type: "client_credentials", client_id: "{client_id}", client_secret: "{client_secret}" } } },
  };
  await write(me, "machine.json", machine);
  const args = ["--set", "client_id=shop", "--set", "client_secret=hush"];
  const login = await me.json(["login", "./machine.json", "--stdin", ...args], { input: "{}" });
  assert.deepEqual([login.status, login.value.scope, login.value.renewable], [0, ["goods", "orders"], true], login.stdout);
  assert.deepEqual((await me.json(["sessions"])).value, { sessions: [login.value] });
  assert.deepEqual((await me.json(["sessions"], { cwd: me.sessions })).value, { sessions: [login.value] }, "from wherever it is asked");
  assert.ok(!(await me.bash(`cat ${me.sessions}/propusk-cli*`)).stdout.includes("hush"));
  await write(me, "machine.json", { ...machine, id: "another" });
  const { sessions } = (await me.json(["sessions"])).value;
  assert.deepEqual([sessions.length, sessions[0].service, sessions[0].subject], [1, "own", "7"], "what can still be known");
});
