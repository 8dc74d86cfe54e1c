import assert from "node:assert/strict";
import { cp, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { load } from "../support/package.mjs";
import { json, record } from "../support/recorder.mjs";
import { ACCOUNTS, GOODS, SECOND_FACTOR, start } from "../support/sandbox.mjs";
import { CLI, user } from "./support/cli.mjs";
import { piped, signIn } from "./support/services.mjs";

const box = await start();
beforeEach(box.reset);
after(box.stop);

const KASSA = "bifit-kassa";
const ASKING = /** @type {const} */ (["bifit-kassa", "invoicebox", "mobile-smarts", "smart-satu"]);

test("each service that asks is signed in to, and later commands need no address", async () => {
  const me = user();
  for (const service of ASKING) {
    const login = await me.json(["login", service, "--stdin", "--base-url", box.services[service].baseUrl], { input: piped(service) });
    assert.deepEqual({ status: login.status, stderr: login.stderr }, { status: 0, stderr: "" }, service);
    assert.deepEqual(Object.keys(login.value), ["service", "account", "subject", "scope", "expiresAt", "renewable"]);
    assert.equal(login.value.service, service);
    assert.equal(login.value.account, "default");
    assert.deepEqual((await me.json(["whoami", service])).value, login.value);

    const token = await me.run(["token", service]);
    assert.equal(token.status, 0, token.stderr);
    assert.match(token.stdout, /^\S+\n$/);
    assert.deepEqual((await me.json(["token", service])).value, { token: token.stdout.trim(), expiresAt: login.value.expiresAt });

    const answer = await me.run(["fetch", service, GOODS[service]]);
    assert.deepEqual({ status: answer.status, stderr: answer.stderr }, { status: 0, stderr: "" });
    assert.ok(JSON.parse(answer.stdout), answer.stdout);
  }
  const { value } = await me.json(["sessions"]);
  assert.deepEqual(value.sessions.map((/** @type {any} */ { service }) => service).sort(), [...ASKING].sort());
  for (const session of value.sessions) assert.deepEqual(session, (await me.json(["whoami", session.service])).value);
  assert.deepEqual((await me.json(["whoami"])).value, value);
});

test("the header is the one that the service wants", async () => {
  const me = user();
  for (const service of ASKING) await signIn(me, box, service);
  const token = async (/** @type {string} */ service) => (await me.run(["token", service])).stdout.trim();
  const header = async (/** @type {string} */ service) => (await me.run(["token", service, "--header"])).stdout;
  assert.equal(await header(KASSA), `Authorization: Bearer ${await token(KASSA)}\n`);
  assert.equal(await header("invoicebox"), `Authorization: Bearer ${ACCOUNTS.invoicebox.token}\n`);
  assert.equal(await header("smart-satu"), `Authorization: Basic ${Buffer.from(`${await token("smart-satu")}:`).toString("base64")}\n`);
});

test("where calls are signed with the password nothing is kept: it comes with each command", async () => {
  const me = user();
  const { username, password } = ACCOUNTS["mobile-smarts"];
  const env = { PROPUSK_USERNAME: username, PROPUSK_PASSWORD: password };
  const login = await me.run(["login", "mobile-smarts", "--base-url", box.services["mobile-smarts"].baseUrl, "--set", "method=basic"], { env });
  assert.equal(login.status, 0, login.stderr);
  assert.match(login.stderr, /not kept/);
  const { status, value } = await me.json(["token", "mobile-smarts"], { env });
  assert.deepEqual([status, value.error.code], [1, "unsupported"]);
  const header = await me.run(["token", "mobile-smarts", "--header"], { env });
  assert.equal(header.stdout, `Authorization: Basic ${Buffer.from(`${username}:${password}`).toString("base64")}\n`);
  assert.equal((await me.run(["fetch", "mobile-smarts", GOODS["mobile-smarts"]], { env })).status, 0);
  assert.equal((await me.run(["fetch", "mobile-smarts", GOODS["mobile-smarts"]])).status, 3);
});

test("a token is renewed when it is needed for longer", async () => {
  const me = user();
  await box.options(KASSA, { tokenLifetime: 120 });
  await signIn(me, box, KASSA);
  const first = (await me.run(["token", KASSA])).stdout;
  assert.equal((await me.run(["token", KASSA, "--min-validity", "30"])).stdout, first);
  assert.equal((await box.counts(KASSA)).refresh ?? 0, 0);
  const second = (await me.run(["token", KASSA, "--min-validity", "3000"])).stdout;
  assert.notEqual(second, first);
  assert.equal((await box.counts(KASSA)).refresh, 1);
  assert.equal((await me.run(["token", KASSA])).stdout, second, "and what came is kept");
});

test("what comes is told as members of one object, of failures too", async () => {
  const me = user();
  const refused = await me.json(["login", KASSA, "--stdin", "--base-url", box.services[KASSA].baseUrl], { input: JSON.stringify({ ...ACCOUNTS[KASSA], password: "wrong" }) });
  assert.equal(refused.status, 4);
  const { AuthError } = await load();
  const made = new /** @type {any} */ (AuthError)({ code: "network", message: "" });
  assert.deepEqual(Object.keys(refused.value), ["error"]);
  assert.deepEqual(Object.keys(refused.value.error), Object.keys(made.toJSON()));
  assert.equal(refused.value.error.code, "invalid_credentials");
  const usage = await me.json(["tokn"]);
  assert.deepEqual(Object.keys(usage.value.error), Object.keys(made.toJSON()), "the command's own are like the library's");
});

test("several accounts lie beside each other", async () => {
  const me = user();
  await signIn(me, box, KASSA);
  await signIn(me, box, KASSA, ["--account", "night"]);
  const tokens = await Promise.all([[], ["--account", "night"]].map((more) => me.run(["token", KASSA, ...more])));
  assert.notEqual(tokens[0].stdout, tokens[1].stdout);
  assert.equal((await me.json(["sessions"])).value.sessions.length, 2);
  assert.deepEqual((await me.json(["logout", KASSA, "--account", "night"])).value, { service: KASSA, accounts: ["night"] });
  assert.equal((await me.run(["token", KASSA, "--account", "night"])).status, 3);
  assert.equal((await me.run(["token", KASSA])).status, 0);
  await signIn(me, box, KASSA, ["--account", "night"]);
  await signIn(me, box, "invoicebox");
  const { value } = await me.json(["logout", KASSA, "--all"]);
  assert.deepEqual({ ...value, accounts: value.accounts.sort() }, { service: KASSA, accounts: ["default", "night"] });
  assert.deepEqual((await me.json(["sessions"])).value.sessions.map((/** @type {any} */ { service }) => service), ["invoicebox"]);
  assert.deepEqual((await me.json(["logout", KASSA])).value, { service: KASSA, accounts: [] }, "again is no failure");
});

test("what login was told is remembered without secrets, until it is told otherwise", async () => {
  const me = user();
  await signIn(me, box, "mobile-smarts", ["--set", "clientId=123", "--set", "clientSecret=user", "--set", "timeout=20000"]);
  assert.equal((await me.run(["token", "mobile-smarts"])).status, 0, "the client's id is remembered, by which the session is found");
  for (const name of await readdir(me.sessions)) {
    const path = join(me.sessions, name);
    assert.equal((await stat(path)).mode & 0o777, 0o600, name);
  }
  const { stdout } = await me.bash(`cat ${me.sessions}/propusk-cli*`);
  assert.deepEqual(JSON.parse(stdout), { baseUrl: box.services["mobile-smarts"].baseUrl, set: { clientId: "123", timeout: "20000" } });
  const other = await me.json(["whoami", "mobile-smarts", "--set", "clientId=other"]);
  assert.equal(other.status, 3, "another client's sessions are others");
});

test("options are numbers, truth values, lists or texts, as each wants", async () => {
  const me = user();
  const { baseUrl } = box.services["mobile-smarts"];
  const take = (/** @type {string[]} */ ...set) => me.json(["whoami", "mobile-smarts", "--base-url", baseUrl, ...set.flatMap((pair) => ["--set", pair])]);
  const fine = await take("timeout=5000", "retries=0", "anonymous=true", "allowInsecure=false", "clientId=123", "allowedOrigins=https://a.test,https://b.test");
  assert.deepEqual([fine.status, fine.value.error.code], [3, "login_required"]);
  for (const wrong of ["timeout=soon", "anonymous=yes", "retries=-1", "method=7", "nothing=1"]) {
    const { status, value } = await take(wrong);
    assert.deepEqual([status, value.error.code], [2, "invalid_config"], wrong);
    assert.ok(value.error.message.includes(wrong.split("=")[0]), value.error.message);
  }
  for (const usage of ["timeout", "=5", "storage=memory", "account=x", "baseUrl=x"]) assert.equal((await take(usage)).value.error.code, "invalid_input", usage);
});

test("a call says what it is told to say, and its answer comes as it is", async (t) => {
  const me = user();
  await signIn(me, box, KASSA);
  const bytes = Buffer.from(Array.from({ length: 1024 }, (_, at) => at % 256));
  const server = await recorded(t, (_, n) => (n === 1 ? { body: bytes, headers: { "content-type": "application/octet-stream" } } : json({ n })));
  const at = (/** @type {string[]} */ ...args) => me.run(["fetch", KASSA, ...args, "--set", `allowedOrigins=${server.origin}`]);

  const { stdout } = await me.bash(`"$NODE" "$CLI" fetch ${KASSA} ${server.origin}/bytes --set allowedOrigins=${server.origin} | od -An -v -tx1 | tr -d ' \\n'`);
  assert.equal(stdout, bytes.toString("hex"));

  await writeFile(join(me.home, "body.json"), '{"from":"file"}');
  await at(`${server.origin}/a`, "-d", '{"a":1}');
  await at(`${server.origin}/b`, "-X", "PUT", "-d", "@body.json", "-H", "X-One: 1", "-H", "Content-Type: text/x-own");
  await at(`${server.origin}/c`, "-d", "a=b&c=d");
  await me.run(["fetch", KASSA, `${server.origin}/d`, "-d@-", "--set", `allowedOrigins=${server.origin}`], { input: "piped" });
  await at(`${server.origin}/e`, "-X", "DELETE");
  const seen = server.requests.slice(1).map(({ method, url, headers, body }) => [method, url, headers["content-type"] ?? null, body]);
  assert.deepEqual(seen, [
    ["POST", "/a", "application/json", '{"a":1}'],
    ["PUT", "/b", "text/x-own", '{"from":"file"}'],
    ["POST", "/c", "application/x-www-form-urlencoded", "a=b&c=d"],
    ["POST", "/d", "application/x-www-form-urlencoded", "piped"],
    ["DELETE", "/e", null, ""],
  ]);
  assert.equal(server.requests[2].headers["x-one"], "1");
  assert.ok(server.requests.every(({ headers }) => headers.authorization?.startsWith("Bearer ")));
});

test("an answer's status decides how the command ends, and its body is printed whatever it is", async (t) => {
  const me = user();
  await signIn(me, box, KASSA);
  const table = { 200: 0, 204: 0, 302: 0, 400: 1, 401: 4, 403: 4, 404: 1, 429: 5, 500: 5, 503: 5 };
  const server = await recorded(t, ({ url }) => {
    const status = Number(url.slice(1));
    return { status, body: status === 204 ? "" : `body ${status}`, headers: { location: "/elsewhere", "x-own": "yes" } };
  });
  for (const [status, exit] of Object.entries(table)) {
    const args = ["fetch", KASSA, `${server.origin}/${status}`, "--set", `allowedOrigins=${server.origin}`];
    const plain = await me.run(args);
    const body = status === "204" ? "" : `body ${status}`;
    assert.deepEqual([plain.status, plain.stdout], [exit, body], status);
    if (!["302", "503"].includes(status)) continue;
    const whole = await me.run([...args, "-i"]);
    assert.ok(whole.status === exit && whole.stdout.startsWith(`HTTP/1.1 ${status}`) && whole.stdout.endsWith(`\n\n${body}`), whole.stdout);
    assert.match(whole.stdout, /^x-own: yes$/m);
    const object = await me.json(args);
    assert.equal(object.status, exit);
    assert.deepEqual([object.value.status, object.value.headers["x-own"], object.value.body], [Number(status), "yes", body]);
    assert.deepEqual(Object.keys(object.value), ["status", "headers", "body"]);
  }
  assert.ok(server.requests.every(({ url }) => url !== "/elsewhere"), "where it leads is the caller's to follow");
});

test("how it ends says whose turn it is", async () => {
  const me = user();
  const { baseUrl } = box.services[KASSA];
  const login = (/** @type {object} */ given, /** @type {string[]} */ ...more) => me.json(["login", KASSA, "--stdin", "--base-url", baseUrl, "--set", "retries=0", ...more], { input: JSON.stringify(given) });
  const ends = async (/** @type {Promise<{ status: number | null, value: any }>} */ run) => {
    const { status, value } = await run;
    return [status, value.error?.code];
  };
  const good = ACCOUNTS[KASSA];
  assert.deepEqual(await ends(me.json(["token", KASSA, "--base-url", baseUrl])), [3, "login_required"]);
  assert.deepEqual(await ends(me.json(["fetch", KASSA, "goods", "--base-url", baseUrl])), [3, "login_required"]);
  assert.deepEqual(await ends(me.json(["whoami", KASSA])), [3, "login_required"]);
  assert.deepEqual(await ends(me.json(["whoami"])), [3, "login_required"]);
  assert.deepEqual(await ends(login({ ...good, password: "x" })), [4, "invalid_credentials"]);
  assert.deepEqual(await ends(login(SECOND_FACTOR)), [4, "second_factor_required"]);
  assert.deepEqual(await ends(login({ ...SECOND_FACTOR, code: "000000" })), [4, "invalid_second_factor"]);
  assert.deepEqual(await ends(login({ ...SECOND_FACTOR, code: "123456" })), [0, undefined]);
  assert.deepEqual(await ends(login({ username: "79990000001" })), [2, "invalid_input"]);
  assert.deepEqual(await ends(login({ ...good, colour: "red" })), [2, "invalid_input"]);
  assert.deepEqual(await ends(login({ ...good, password: 7 })), [2, "invalid_input"]);
  for (const [fault, exit, code] of /** @type {const} */ ([
    [{ kind: "status", status: 503 }, 5, "server_error"],
    [{ kind: "status", status: 429, headers: { "retry-after": "120" } }, 5, "rate_limited"],
    [{ kind: "reset" }, 5, "network"],
    [{ kind: "status", status: 404 }, 1, "invalid_response"],
    [{ kind: "status", status: 403, body: '{"error":"access_denied"}', contentType: "application/json" }, 4, "access_denied"],
    [{ kind: "status", status: 400, body: '{"error":"invalid_scope"}', contentType: "application/json" }, 4, "invalid_scope"],
  ])) {
    await box.fault(KASSA, "login", fault);
    assert.deepEqual(await ends(login(good)), [exit, code]);
  }
  await box.fault(KASSA, "login", { kind: "hold" });
  assert.deepEqual(await ends(login(good, "--set", "timeout=300")), [5, "timeout"]);
  await box.release(KASSA);
  assert.equal((await login(good)).status, 0);
  assert.deepEqual(await ends(me.json(["fetch", KASSA, "https://elsewhere.test/"])), [2, "origin_not_allowed"]);
  assert.deepEqual(await ends(me.json(["fetch", KASSA, "goods", "-H", "Authorization: Bearer x"])), [2, "invalid_input"]);
  assert.deepEqual(await ends(me.json(["fetch", KASSA, "goods", "-d", "@nothing.json"])), [2, "invalid_input"]);
  await box.revoke(KASSA);
  assert.deepEqual(await ends(me.json(["token", KASSA, "--min-validity", "999999"])), [3, "login_required"]);
});

test("a call that may not go there is refused as such, whether somebody is signed in or not", async (t) => {
  const me = user();
  const { baseUrl } = box.services[KASSA];
  const server = await recorded(t, () => json({}));
  for (const isSignedIn of [false, true]) {
    if (isSignedIn) await signIn(me, box, KASSA);
    for (const [path, ...more] of [[`${server.origin}/x`], ["https://elsewhere.test/"], ["//elsewhere.test/x"], ["http://127.0.0.1:1/", "-d", "x"]]) {
      const { status, value } = await me.json(["fetch", KASSA, path, ...more, "--base-url", baseUrl]);
      assert.deepEqual([status, value.error.code], [2, "origin_not_allowed"], path);
    }
    const { status } = await me.json(["fetch", KASSA, `${server.origin}/x`, "--base-url", baseUrl, "--set", `allowedOrigins=${server.origin}`]);
    assert.equal(status, isSignedIn ? 0 : 3);
  }
  assert.equal(server.requests.length, 1);
});

test("logout of every account takes what is set on its line", async (t) => {
  const me = user();
  const server = await recorded(t, () => json({ access_token: "T-1" }));
  const own = {
    id: "own",
    baseUrl: server.origin,
    credentials: ["login"],
    params: { client_secret: "" },
    optionalParams: ["client_secret"],
    login: { kind: "request", request: { url: "/token", form: { user: "{login}" } } },
    revoke: { url: "/revoke", form: { token: "{access_token}", secret: "{client_secret}" } },
    present: { headers: { "X-Key": "{access_token}" } },
  };
  await writeFile(join(me.home, "own.json"), JSON.stringify(own));
  for (const account of ["a", "b"]) assert.equal((await me.run(["login", "./own.json", "--stdin", "--account", account], { input: '{"login":"me"}' })).status, 0);
  const wrong = await me.json(["logout", "./own.json", "--all", "--set", "timeout=soon"]);
  assert.deepEqual([wrong.status, wrong.value.error.code], [2, "invalid_config"]);
  const { value } = await me.json(["logout", "./own.json", "--all", "--set", "client_secret=hush"]);
  assert.deepEqual(value.accounts.sort(), ["a", "b"]);
  const revoked = server.requests.filter(({ url }) => url === "/revoke").map(({ body }) => body);
  assert.deepEqual(revoked, ["token=T-1&secret=hush", "token=T-1&secret=hush"]);
});

test("the services are printed as data, a start for one's own", async () => {
  const me = user();
  const { providers } = await load();
  assert.deepEqual(JSON.parse((await me.run(["providers"])).stdout), providers);
  assert.deepEqual((await me.json(["providers"])).value, providers);
  assert.deepEqual((await me.json(["providers", "bstats"])).value, providers.bstats);
  await writeFile(join(me.home, "own.json"), (await me.run(["providers", KASSA])).stdout);
  const checked = await me.json(["check-profile", "own.json"]);
  assert.deepEqual([checked.status, checked.value], [0, { faults: [] }]);
  assert.equal((await me.run(["providers", "kassa"])).status, 2);
});

test("a token at hand is given without the module, and only one that is good for long enough", async () => {
  const me = user();
  for (const service of ASKING) await signIn(me, box, service);
  await signIn(me, box, KASSA, ["--account", "ночь/1 (2)"]);
  const bare = join(me.home, "bare");
  await cp(dirname(CLI), bare, { recursive: true, filter: (path) => !path.endsWith(".wasm") });
  await writeFile(join(me.home, "package.json"), '{"type":"module"}');
  /** The command of a package without its module. @param {string[]} args */
  const token = (...args) => me.run(["token", ...args], { cli: join(bare, "cli.js") });
  for (const args of [...ASKING.map((service) => [service]), [KASSA, "--account", "ночь/1 (2)"]]) {
    const { status, stdout } = await token(...args);
    assert.equal(status, 0, args.join(" "));
    assert.equal(stdout, (await me.run(["token", ...args, "--set", "timeout=9000"])).stdout, "as a client has it");
  }
  assert.notEqual((await token(KASSA, "--min-validity", "999999")).status, 0);
  assert.notEqual((await token(KASSA, "--account", "nobody")).status, 0);
  // As if the clock had been set back: it says that more than the whole life is left.
  const [name] = (await readdir(me.sessions)).filter((file) => file.startsWith("propusk-mobile-smarts-default"));
  const record = JSON.parse(await readFile(join(me.sessions, name), "utf8"));
  const change = (/** @type {object} */ members) => writeFile(join(me.sessions, name), JSON.stringify({ ...record, ...members }), { mode: 0o600 });
  for (const members of [{ expires: Date.now() + 90_000_000, obtained: Date.now() + 89_980_000 }, { expires: Date.now() + 30_000 }, { v: 3 }, { for: ["x"] }, { access: "a b" }, { expires: "soon" }]) {
    await change(members);
    assert.notEqual((await token("mobile-smarts")).status, 0, JSON.stringify(members));
  }
  await change({});
  assert.equal((await token("mobile-smarts")).status, 0);
});

/** @param {import("node:test").TestContext} t @param {Parameters<typeof record>[0]} answer */
async function recorded(t, answer) {
  const recorder = await record(answer);
  t.after(recorder.stop);
  return recorder;
}
