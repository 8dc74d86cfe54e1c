/** Failures of the way there that no repetition mends: certificates that are refused, names that do not exist. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:https";
import { test } from "node:test";
import { later, run } from "../stores/support/scratch.mjs";
import { authority } from "./support/certificates.mjs";

const own = authority();

/** Signs in twice over, and tells how each call ended. */
const PROGRAM = `
import dns from "node:dns";
import { AuthClient } from "propusk";
const { baseUrl, retries, unknown } = JSON.parse(process.argv[2]);
let lookups = 0;
if (unknown) {
  // As a resolver answers that knows that there is no such name; the machine's own may be out of reach.
  dns.lookup = (name, options, done) => {
    lookups += 1;
    process.nextTick(done, Object.assign(new Error("getaddrinfo " + unknown + " " + name), { code: unknown, syscall: "getaddrinfo", hostname: name }));
  };
}
const client = await AuthClient.create({ provider: "bifit-kassa", baseUrl, ...(retries !== undefined && { retries }) });
const tell = (error) => ({ code: error.code, fault: error.fault, retryable: error.retryable, hint: error.hint, message: error.message, cause: error.cause?.cause?.code ?? error.cause?.code ?? null });
const outcome = await client.login({ username: "79990000001", password: "secret" }).then(({ subject }) => ({ subject }), tell);
client.close();
console.log(JSON.stringify({ ...outcome, lookups }));
`;

/** A service behind TLS, and how many connections came. @param {{ key: Buffer, cert: Buffer }} certificate */
async function serve(certificate) {
  const answer = JSON.stringify({ access_token: "abc", token_type: "bearer", expires_in: 3600, user_id: 7 });
  const server = createServer(certificate, (_, response) => response.writeHead(200, { "content-type": "application/json", connection: "close" }).end(answer));
  const seen = { connections: 0 };
  server.on("connection", () => (seen.connections += 1));
  // What the client refuses is an error here, too.
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  later(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { seen, baseUrl: `https://127.0.0.1:${port}` };
}

/** @param {object} order @param {Record<string, string>} [env] @returns {Promise<any>} */
const login = async (order, env) => JSON.parse(await run(PROGRAM, { args: [JSON.stringify(order)], env: { NODE_EXTRA_CA_CERTS: "", ...env } }));

/** @type {[string, () => { key: Buffer, cert: Buffer }, boolean][]} */
const REFUSED = [
  ["has signed itself", () => own.selfSigned(), false],
  ["is of an authority that nobody here knows", () => own.signed(), false],
  ["is over", () => own.signed({ over: true }), true],
  ["is for another name", () => own.signed({ names: "DNS:other.example" }), true],
];

for (const [what, certificate, known] of REFUSED) {
  test(`a certificate that ${what}: one try, and a hint that names it`, async () => {
    const { seen, baseUrl } = await serve(certificate());
    const outcome = await login({ baseUrl }, known ? { NODE_EXTRA_CA_CERTS: own.file } : {});
    assert.deepEqual([outcome.code, outcome.fault, outcome.retryable], ["network", "network", false], JSON.stringify(outcome));
    assert.equal(seen.connections, 1);
    assert.match(outcome.hint, /certificate/i);
    if (!known) assert.match(outcome.hint, /NODE_EXTRA_CA_CERTS/);
    assert.ok(outcome.cause, "the exception of the host is the cause");
  });
}

test("what the hint says helps: with the authority in NODE_EXTRA_CA_CERTS the same service is signed in to", async () => {
  const { seen, baseUrl } = await serve(own.signed());
  assert.equal((await login({ baseUrl }, { NODE_EXTRA_CA_CERTS: own.file })).subject, "7");
  assert.equal(seen.connections, 1);
});

test("a name that does not exist: one try, and a hint that names the address", async () => {
  const outcome = await login({ baseUrl: "https://kassa.invalid", unknown: "ENOTFOUND" });
  assert.deepEqual([outcome.code, outcome.fault, outcome.retryable, outcome.lookups], ["network", "network", false, 1], JSON.stringify(outcome));
  assert.match(outcome.hint, /baseUrl|name|address/i);
});

test("a resolver that cannot say for the moment is asked again", async () => {
  const outcome = await login({ baseUrl: "https://kassa.invalid", unknown: "EAI_AGAIN", retries: 1 });
  assert.deepEqual([outcome.code, outcome.retryable, outcome.lookups], ["network", true, 2], JSON.stringify(outcome));
});

test("a connection that is refused may be accepted later: it is tried again", async () => {
  // Nobody listens at a port that was just given back.
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  const outcome = await login({ baseUrl: `https://127.0.0.1:${port}`, retries: 1 });
  assert.deepEqual([outcome.code, outcome.retryable, outcome.cause], ["network", true, "ECONNREFUSED"], JSON.stringify(outcome));
});
