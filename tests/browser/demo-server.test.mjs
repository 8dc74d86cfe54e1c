/** The demo's server as a program: it says where it is, gives out the page and nothing beside it, and lets the page's own origin through to the services. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { ACCOUNTS, start } from "../support/sandbox.mjs";
import { given } from "./support/given.mjs";

const box = await start("--cors", "off");
after(box.stop);

/** @param {number} port */
async function serve(port) {
  const env = { ...process.env, PROPUSK_SANDBOX: JSON.stringify({ control: box.control, services: box.services }), PORT: String(port) };
  const child = spawn(process.execPath, ["server.mjs"], { cwd: given("PROPUSK_DEMO"), env, stdio: ["pipe", "pipe", "inherit"] });
  const gone = once(child, "exit");
  after(() => child.kill());
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  /** @type {{ port: number, taken: boolean }} */
  const report = JSON.parse(line);
  const stop = async () => {
    child.stdin.end();
    return (await gone)[0];
  };
  return { ...report, origin: `http://127.0.0.1:${report.port}`, stop };
}
const served = await serve(0);

/** A request whose path no client has tidied up; the status. @param {string} path */
async function raw(path, method = "GET") {
  const socket = connect(served.port, "127.0.0.1");
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${served.port}\r\nConnection: close\r\n\r\n`);
  return Number((await text(socket)).split(" ")[1]);
}

/** A call as a page of that origin sends it. @param {string} origin */
const call = (origin) => fetch(`${served.origin}/auth/invoicebox/v3/goods`, { headers: { origin, authorization: `Bearer ${ACCOUNTS.invoicebox.token}`, "user-agent": "test" } });

test("a port that is taken is told, and another serves; the program ends when its input does", async () => {
  assert.equal(served.taken, false);
  const other = await serve(served.port);
  assert.equal(other.taken, true);
  assert.notEqual(other.port, served.port);
  assert.equal((await fetch(other.origin)).status, 200);
  assert.equal(await other.stop(), 0);
});

test("files have their types, and are for reading only", async () => {
  for (const [path, type] of [
    ["/", "text/html; charset=utf-8"],
    ["/app/main.js?x=1", "text/javascript; charset=utf-8"],
    ["/styles/base.css", "text/css; charset=utf-8"],
  ]) {
    const answer = await fetch(served.origin + path);
    assert.deepEqual([answer.status, answer.headers.get("content-type")], [200, type], path);
    assert.ok((await answer.text()).length > 0);
  }
  assert.equal(await (await fetch(`${served.origin}/`, { method: "HEAD" })).text(), "");
  assert.equal(await raw("/", "POST"), 405);
  assert.equal(await raw("/app"), 404, "a folder without a page is not listed");
});

test("nothing outside the page's folder is given out", async () => {
  assert.equal(await raw("/package.json"), 200, "what is refused below is refused for its path");
  for (const path of ["/../package.json", "/app/../../package.json", "/%2e%2e/package.json", "/..%2fpackage.json", "//etc/passwd", "/%2fetc/passwd", "/..\\package.json", "/..%5cpackage.json", "/app%00/main.js", "/%zz", "/%2", "/app/../package.json"]) {
    assert.equal(await raw(path), 404, path);
  }
});

test("the services are at paths of the page's origin, and for its pages alone", async () => {
  const { services } = await (await fetch(`${served.origin}/sandbox.json`)).json();
  assert.deepEqual(Object.keys(services).sort(), Object.keys(box.services).sort());
  for (const { baseUrl } of Object.values(services)) assert.match(baseUrl, /^\/auth\/[\w-]+$/);
  await box.reset();
  const refused = await call("https://elsewhere.example");
  assert.deepEqual([refused.status, (await refused.json()).error.code], [403, "origin_not_allowed"]);
  assert.equal(await box.total(), 0);
  const answer = await call(served.origin);
  assert.equal(answer.headers.get("access-control-allow-origin"), null);
  assert.equal(answer.status, 200, await answer.text());
});

test("the way over the consent page is gone for the page, and no further than to bstats", async () => {
  const consent = async (address) => {
    const answer = await fetch(`${served.origin}/consent`, { method: "POST", body: JSON.stringify({ address, form: { login: "demo", password: "demo", decision: "allow" } }) });
    return { status: answer.status, ...(await answer.json()) };
  };
  const query = new URLSearchParams({ client_id: "bstats.ru", client_name: "dossier", response_type: "code", scope: "dossier", format: "json", redirect_uri: `${served.origin}/` });
  const { location } = await consent(`${served.origin}/auth/bstats/api.php/auth?${query}`);
  assert.match(location, new RegExp(`^${served.origin}/\\?code=\\w+$`));
  for (const address of [`${box.services.bstats.baseUrl}/api.php/auth?${query}`, `${served.origin}/auth/kassa/oauth/token`]) assert.equal((await consent(address)).status, 400, address);
});
