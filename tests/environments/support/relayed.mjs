/** What a relay must do in whatever server it is mounted, asked from outside. */
import { connect } from "node:net";
import { once } from "node:events";
import { drive } from "./drive.mjs";

const FORM = { "content-type": "application/x-www-form-urlencoded" };

/** @param {string} what @param {unknown} actual @param {unknown} expected */
function same(what, actual, expected) {
  if (actual !== expected) throw new Error(`the relay, ${what}: expected ${expected}, and there is ${actual}`);
}

/** The status of a request whose target goes out as it is written. @param {URL} server @param {string} target */
async function raw({ hostname, port, host }, target) {
  const socket = connect(Number(port), hostname);
  let answer = "";
  socket.on("error", () => {});
  socket.on("data", (chunk) => (answer += chunk.toString("latin1")));
  socket.write(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  await once(socket, "close");
  return Number(answer.split(" ")[1]);
}

/**
 * @param {{ AuthClient: typeof import("propusk").AuthClient }} propusk
 * @param {string} address of the server, or of the folder of it that the mount is below
 */
export async function relayed(propusk, address) {
  const server = new URL(address);
  const mount = `${server.pathname.replace(/\/$/, "")}/auth/kassa`;
  const base = server.origin + mount;
  await drive(propusk, base);
  const asked = async (/** @type {string} */ path, /** @type {RequestInit} */ init = {}) => {
    const answer = await fetch(base + path, init);
    const text = await answer.text();
    return { status: answer.status, code: /"code":"(\w+)"/.exec(text)?.[1] ?? null, headers: answer.headers };
  };
  const login = { method: "POST", headers: FORM, body: "grant_type=password&username=x&password=y" };
  const own = await asked("/oauth/token", { ...login, headers: { ...FORM, origin: server.origin } });
  same("a login of its own page that is refused", own.status >= 400 && own.code !== "origin_not_allowed", true);
  same("no cookie", own.headers.get("set-cookie"), null);
  for (const [what, headers] of /** @type {[string, Record<string, string>][]} */ ([
    ["a page of another origin", { origin: "https://evil.example" }],
    ["a page of none", { origin: "null" }],
    ["another site", { "sec-fetch-site": "cross-site" }],
  ])) {
    const { status, code } = await asked("/oauth/token", { ...login, headers: { ...FORM, ...headers } });
    same(what, `${status} ${code}`, "403 origin_not_allowed");
  }
  same("another method", (await asked("/oauth/token")).status, 405);
  same("another type", (await asked("/oauth/token", { ...login, headers: { "content-type": "text/plain" } })).status, 415);
  same("another grant", (await asked("/oauth/token", { ...login, body: "grant_type=client_credentials" })).status, 400);
  same("a body over the limit", (await asked("/oauth/token", { ...login, body: `${login.body}${"x".repeat(2 ** 20)}` })).status, 413);
  same("a path that is not named", (await asked("/admin")).status, 404);
  // What a server does to them before the relay sees them is its own; past the relay they must not come.
  for (const path of ["/protected/%2e%2e/admin", "/protected/..%2fadmin", "/protected/%252e%252e/admin", "/protected/a;b", "/protected\\..\\admin"]) {
    const status = await raw(server, mount + path);
    same(`the path ${path}`, status >= 300 && status < 500 && status !== 401, true);
  }
  same("a call without a token", (await asked("/protected/goods")).status, 401);
}
