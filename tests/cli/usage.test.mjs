import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { project } from "../support/package.mjs";
import { leaked, plant } from "../support/secrets.mjs";
import { user } from "./support/cli.mjs";

const COMMANDS = ["login", "token", "fetch", "whoami", "sessions", "logout", "providers", "check-profile"];
const me = user();

test("the help names every command, and each command's its options", async () => {
  const all = await me.run(["--help"]);
  assert.deepEqual([all.status, all.stderr], [0, ""]);
  for (const command of COMMANDS) assert.match(all.stdout, new RegExp(`^ {2}propusk ${command}\\b`, "m"));
  const [login, help, fetch] = await Promise.all([["login", "--help"], ["help", "login"], ["fetch", "-h"]].map((args) => me.run(args)));
  assert.match(login.stdout, /--stdin[^]*PROPUSK_PASSWORD/);
  assert.equal(help.stdout, login.stdout);
  for (const option of ["-X", "-d", "-H", "-i"]) assert.ok(fetch.stdout.includes(`\n  ${option}, --`), option);
  for (const line of all.stdout.split("\n")) assert.ok(line.length <= 100, line);
});

test("the version is the package's", async () => {
  const { version } = JSON.parse(await readFile(join(project(), "node_modules/propusk/package.json"), "utf8"));
  assert.deepEqual(await me.run(["--version"]), { status: 0, stdout: `${version}\n`, stderr: "" });
});

test("what is not known is refused with what was probably meant", async () => {
  for (const [line, meant] of /** @type {[string, RegExp][]} */ ([
    ["", /login, token, fetch/],
    ["tokn bifit-kassa", /Did you mean token\?/],
    ["logn bifit-kassa", /Did you mean login\?/],
    ["xyzzy", /There are: login, token/],
    ["token bifit-kasa", /Did you mean bifit-kassa\?/],
    ["token smart", /Did you mean smart-satu\?/],
    ["token acme", /bifit-kassa, invoicebox, mobile-smarts, bstats, smart-satu, \.\/my-service\.json/],
    ["token bifit-kassa --min-valid 7", /Did you mean --min-validity\?/],
    ["token bifit-kassa --stdin", /no option `--stdin` here/],
    ["token bifit-kassa --headr", /Did you mean --header\?/],
    ["--jsn", /Did you mean --json\?/],
    ["fetch bifit-kassa", /Which path\?/],
    ["fetch", /needs a service/],
    ["token", /needs a service/],
    ["sessions now", /takes no words/],
    ["token bifit-kassa --account", /needs a value/],
    ["token bifit-kassa --account --header", /needs a value/],
    ["token bifit-kassa --account a --account b", /given twice/],
    ["token bifit-kassa --json=yes", /takes no value/],
    ["token bifit-kassa --min-validity soon", /whole number of seconds/],
    ["token bifit-kassa --min-validity=-1", /whole number of seconds/],
    ["fetch bifit-kassa x -d y -X GET", /has no body/],
    ["fetch bifit-kassa x -X G(T", /takes a method/],
    ["fetch bifit-kassa x -X trace", /takes a method/],
    ["fetch bifit-kassa x -H nocolon", /Name: value/],
    ["whoami mobile-smarts", /must be given[^]*On the command line: --base-url URL/],
    ["whoami bstats --set timeout=x", /On the command line: --set timeout=/],
    ["token ./nothing.json", /cannot be read: there is none/],
    ["check-profile ./nothing.js", /cannot be read: there is none/],
  ])) {
    const { status, stdout, stderr } = await me.run(line ? line.split(" ") : []);
    assert.deepEqual([status, stdout], [2, ""], line);
    assert.match(stderr, meant, line);
  }
});

test("a secret in a command line is not taken, and not repeated", async () => {
  const secret = plant("password", "");
  for (const args of [
    ["login", "bifit-kassa", "--password", secret],
    ["login", "bifit-kassa", `--password=${secret}`],
    ["login", "bifit-kassa", "user", secret],
    ["login", "bifit-kassa", "--set", secret],
    ["login", "bifit-kassa", "--stdin"],
    ["login", "bifit-kassa", "--stdin", "--json"],
  ]) {
    const { status, stdout, stderr } = await me.run(args, { input: `{"username":"x","password":"${secret}` });
    assert.equal(status, 2);
    assert.deepEqual(leaked(stdout + stderr), [], args.join(" ").replace(secret, "..."));
  }
});

test("texts are in the language of the system, and data is not", async () => {
  const russian = [{ LANG: "ru_RU.UTF-8" }, { LANG: "en_US.UTF-8", LC_MESSAGES: "ru_RU" }, { LANG: "C", LC_MESSAGES: "C", LC_ALL: "ru" }];
  const english = [{ LANG: "en_US.UTF-8" }, { LANG: undefined }, { LANG: "ru_RU.UTF-8", LC_ALL: "C" }, { LANG: "de_DE.UTF-8" }, { LANG: "run" }];
  for (const env of russian) assert.match((await me.run(["tokn"], { env })).stderr, /Нет команды `tokn`\.\n {2}Может быть, token\?/);
  for (const env of english) assert.match((await me.run(["tokn"], { env })).stderr, /There is no command `tokn`\.\n {2}Did you mean token\?/);
  const help = await Promise.all(["C", "ru"].map((LANG) => me.run(["--help"], { env: { LANG } })));
  assert.match(help[1].stdout, /propusk login <сервис>/);
  const pages = await Promise.all(["C", "ru"].map((LANG) => me.run(["providers"], { env: { LANG } })));
  assert.equal(pages[0].stdout, pages[1].stdout);
});

test("`--quiet` leaves errors", async () => {
  const loud = await me.run(["sessions"]);
  const quiet = await me.run(["sessions", "--quiet"]);
  assert.deepEqual([loud.stderr, quiet.stderr], ["There are no sessions.\n", ""]);
  assert.match((await me.run(["token", "bifit-kassa", "-q"])).stderr, /Nobody is signed in/);
});
