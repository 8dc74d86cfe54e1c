import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { json, record } from "../support/recorder.mjs";
import { leaked, plant, plantToken } from "../support/secrets.mjs";
import { user } from "./support/cli.mjs";

test("no secret is printed but where it is asked for, nor seen among the processes", async (t) => {
  const me = user();
  const [password, code, refresh, token] = [plant("password"), plant("code", ""), plantToken("refresh token"), plantToken("token")];
  let seen = "";
  const server = await record(({ url, body }) => {
    // What anybody on this machine sees of the processes, while one of them waits for its answer.
    seen += processes();
    const fields = new URLSearchParams(body);
    if (url === "/cut") return { status: 500, body: "x" };
    if (fields.get("grant_type") === "refresh_token") return json({ error: "server_error", error_description: `sorry, ${refresh} and ${token}` }, 503);
    if (!fields.has("code")) return json({ error: "mfa_required", error_description: `${password} needs more` }, 400);
    return json({ access_token: token, refresh_token: refresh, expires_in: 600, scope: "read", user_id: 7 });
  });
  t.after(server.stop);
  const base = ["--base-url", server.origin, "--set", "retries=0"];
  const given = (/** @type {object} */ more) => ({ input: JSON.stringify({ username: "79990000001", password, ...more }) });
  const printed = [];
  for (const how of [[], ["--json"]]) {
    printed.push(await me.run(["login", "bifit-kassa", "--stdin", ...base, ...how], given({})));
    printed.push(await me.run(["login", "bifit-kassa", "--stdin", ...base, ...how], given({ code })));
    for (const args of [["whoami"], ["sessions"], ["token", "bifit-kassa", "--min-validity", "999999"], ["fetch", "bifit-kassa", "cut"], ["fetch", "bifit-kassa", "http://elsewhere.test/"]]) {
      printed.push(await me.run([...args, ...how]));
    }
  }
  assert.deepEqual(printed.map(({ status }) => status), [4, 0, 0, 0, 5, 5, 2, 4, 0, 0, 0, 5, 5, 2]);
  assert.deepEqual(leaked(printed.map(({ stdout, stderr }) => stdout + stderr).join("\n")), []);
  assert.match(seen, /cli\.js login bifit-kassa --stdin/);
  assert.deepEqual(leaked(seen), []);
  assert.deepEqual(leaked((await me.run(["token", "bifit-kassa"])).stdout), ["token"], "where it is asked for");
});

test("what a service says cannot steer a terminal", async (t) => {
  const me = user();
  const server = await record(() => json({ error: "invalid_grant", error_description: "\u001b]0;mine\u0007\u202e" }, 400));
  t.after(server.stop);
  await writeFile(join(me.home, "given.json"), '{"username":"79990000001","password":"x"}');
  const { status, stderr } = await me.bash(`"$NODE" "$CLI" login bifit-kassa --stdin --base-url ${server.origin} < given.json`);
  assert.equal(status, 4);
  for (const steering of ["\u001b", "\u0007", "\u202e"]) assert.ok(!stderr.includes(steering), JSON.stringify(stderr));
});

/** The command lines of all processes, and how they call themselves. */
function processes() {
  const lines = readdirSync("/proc").map((name) => {
    try {
      return ["cmdline", "comm"].map((file) => readFileSync(`/proc/${name}/${file}`, "utf8").replaceAll("\0", " ")).join(" ");
    } catch {
      return "";
    }
  });
  return lines.join("\n");
}
