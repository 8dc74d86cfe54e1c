/** What lies in the module's memory after a client was closed: no token, password, digest of one, client secret or code. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
// Before the package is loaded.
import { wasmContents } from "../support/wasm-memory.mjs";
import { json } from "../support/recorder.mjs";
import { failure, memory, suite } from "../support/suite.mjs";

const { make, record } = await suite();

/** A secret that stands nowhere else. @param {string} name */
const secret = (name) => `${name}-${randomBytes(16).toString("hex")}`;

/** What a secret can lie there as. @param {string} text */
function forms(text) {
  const digest = createHash("sha256").update(text).digest();
  return {
    "as it is": Buffer.from(text),
    "a part of it": Buffer.from(text.slice(-20)),
    "in base64": Buffer.from(btoa(text).slice(0, 24)),
    "in base64, behind a byte": Buffer.from(btoa(`x${text}`).slice(4, 24)),
    "in base64, behind two": Buffer.from(btoa(`xx${text}`).slice(4, 24)),
    "its digest": digest,
    "its digest in base64": Buffer.from(digest.toString("base64").slice(0, 40)),
    "its digest, percent-encoded": Buffer.from(encodeURIComponent(digest.toString("base64")).slice(0, 40)),
  };
}

/** @param {string[]} secrets */
function found(secrets) {
  const contents = wasmContents();
  return secrets.flatMap((text) =>
    Object.entries(forms(text))
      .filter(([, form]) => contents.includes(form))
      .map(([how]) => `${text.split("-")[0]}, ${how}`),
  );
}

/** Lets pass what a closed client still does. */
async function settled() {
  for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
}

test("the search finds what is there: a client that is open has its token in memory", async () => {
  const token = secret("token");
  const client = await make({ provider: "bifit-kassa" });
  await client.setSession({ accessToken: token });
  assert.ok(found([token]).includes("token, as it is"));
  client.close();
  await settled();
  assert.deepEqual(found([token]), []);
});

test("a login, a renewal, a refusal and a call; then nothing is left", async () => {
  const [password, wrong, clientSecret, access, refresh, other, hidden] = ["password", "wrong", "clientsecret", "access", "refresh", "other", "hidden"].map(secret);
  let n = 0;
  const { origin } = await record(({ body }) => {
    n += 1;
    if (body.includes(encodeURIComponent(createHash("sha256").update(wrong).digest("base64")))) return json({ error: "invalid_grant", error_description: `no: ${wrong}` }, 400);
    return json({ access_token: `${access}${n}`, refresh_token: `${refresh}${n}`, expires_in: 3600, note: other, session_id: hidden });
  });
  const client = await make({ provider: "bifit-kassa", baseUrl: origin, clientSecret, storage: memory(), onTrace: () => {} });
  await failure(client.login({ username: "79990000001", password: wrong }));
  await client.login({ username: "79990000001", password });
  await client.refresh();
  const response = await client.fetch("goods");
  await client.problem(response);
  client.close();
  await settled();
  assert.deepEqual(found([password, wrong, clientSecret, access, refresh, hidden, other]), []);
});

test("HTTP Basic, whose password goes with every call", async () => {
  const [username, password] = ["username", "password"].map(secret);
  const { origin } = await record(() => json({}));
  const client = await make({ provider: "mobile-smarts", baseUrl: origin, method: "basic" });
  await client.login({ username, password });
  await client.fetch("goods");
  client.close();
  await settled();
  assert.deepEqual(found([password]), []);
});

test("a redirect: state, verifier, code and token", async () => {
  const [code, token] = ["code", "token"].map(secret);
  const { origin } = await record(() => json({ access_token: token }));
  const storage = memory();
  const client = await make({ provider: "bstats", baseUrl: origin, redirectUri: "https://app.example/back", storage });
  await client.authorizationUrl();
  const [pending] = [...storage.map.values()];
  const { state, verifier } = JSON.parse(pending).logins[0];
  await client.handleRedirect(`https://app.example/back?code=${code}`);
  client.close();
  await settled();
  assert.deepEqual(found([code, token, `state-${state}`.slice(6), verifier]), []);
});

test("closed by the caller's own clock while a login is taken", async () => {
  const [password, token] = ["password", "token"].map(secret);
  let closes = false;
  /** @type {import("propusk").AuthClient} */
  const client = await make({ provider: "bifit-kassa", now: () => (closes && client.close(), Date.now()) });
  await client.setSession({ accessToken: token });
  closes = true;
  assert.equal((await failure(client.login({ username: "79990000001", password }))).code, "closed");
  await settled();
  assert.deepEqual(found([password, token]), []);
});

test("closed in the middle of a login, of a renewal, and of a second step", async () => {
  const [password, refresh, access, second] = ["password", "refresh", "access", "second"].map(secret);
  /** @type {any} */
  const hanging = () => new Promise(() => {});
  const first = await make({ provider: "bifit-kassa", fetch: hanging });
  const login = failure(first.login({ username: "79990000001", password }));
  await settled();
  first.close();
  await login;

  const renewing = await make({ provider: "bifit-kassa", fetch: hanging });
  await renewing.setSession({ accessToken: access, refreshToken: refresh });
  const renewal = failure(renewing.refresh());
  await settled();
  renewing.close();
  await renewal;

  const asking = await make({ provider: "bifit-kassa", fetch: async () => new Response('{"error":"otp_required"}', { status: 400, headers: { "content-type": "application/json" } }) });
  assert.equal((await failure(asking.login({ username: "79990000001", password }))).code, "second_factor_required");
  await failure(asking.confirm(second));
  asking.close();
  await settled();
  assert.deepEqual(found([password, refresh, access, second]), []);
});
