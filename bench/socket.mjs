/** A GET over a real socket, through a client and by bare `fetch`: blocks of calls that alternate, and the median of their ratios. */
import { once } from "node:events";
import { createServer } from "node:http";
import { Worker, isMainThread, parentPort } from "node:worker_threads";
import { load } from "../tests/support/package.mjs";
import { ACCOUNTS } from "../tests/support/sandbox.mjs";
import { oidc } from "./oidc.mjs";
import { TOKEN } from "./service.mjs";
import { median, table } from "./table.mjs";
import { fileURLToPath } from "node:url";

const BLOCK = 10;
const ROUNDS = 60;
const WARM = 15;
const KASSA = "bifit-kassa";

/** The server has a thread of its own, so that what it takes is no part of what is compared. */
async function serve() {
  const grant = JSON.stringify({ access_token: "a".repeat(TOKEN), refresh_token: "r".repeat(40), token_type: "bearer", expires_in: 43_199, user_id: 1 });
  const body = JSON.stringify({ goods: Array.from({ length: 20 }, (_, n) => ({ id: n, name: `goods ${n}` })) });
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "application/json" }).end(request.url?.endsWith("/oauth/token") ? grant : body);
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  parentPort?.postMessage(/** @type {import("node:net").AddressInfo} */ (server.address()).port);
}

async function measure() {
  const worker = new Worker(fileURLToPath(import.meta.url));
  const [port] = await once(worker, "message");
  const baseUrl = `http://127.0.0.1:${port}`;
  const { AuthClient } = await load();
  const client = await AuthClient.create({ provider: KASSA, baseUrl });
  await client.login(ACCOUNTS[KASSA]);
  const token = await client.getAccessToken();
  const manager = await oidc(token);
  const headers = { authorization: `Bearer ${token}` };

  /** @type {Record<string, () => Promise<Response>>} */
  const ways = {
    "bare fetch": () => fetch(`${baseUrl}/protected/goods`, { headers }),
    // What a deadline takes that really ends its request: nobody who has one comes below it.
    "bare fetch with a signal": () => fetch(`${baseUrl}/protected/goods`, { headers, signal: new AbortController().signal }),
    "propusk: client.fetch": () => client.fetch("protected/goods"),
    "oidc-client-ts: getUser, a header, fetch": async () => {
      const { access_token: given } = await manager.getUser();
      return fetch(`${baseUrl}/protected/goods`, { headers: { authorization: `Bearer ${given}` } });
    },
  };
  /** Milliseconds of a call, over a block. @param {string} name */
  async function block(name) {
    const begin = performance.now();
    for (let n = 0; n < BLOCK; n += 1) await (await ways[name]()).arrayBuffer();
    return (performance.now() - begin) / BLOCK;
  }
  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let round = -WARM; round < ROUNDS; round += 1) {
    const order = Object.keys(ways);
    for (const name of round % 2 ? order.reverse() : order) {
      const time = await block(name);
      if (round >= 0) times[name].push(time);
    }
  }
  const [bare] = Object.keys(ways);
  table(
    `A GET over a socket, whole answers read, ms per call (${ROUNDS} rounds of blocks of ${BLOCK}, in turns; medians, the ratio that of each round)`,
    ["", "ms", "ratio"],
    Object.keys(ways).map((name) => [name, median(times[name]).toFixed(3), median(times[name].map((time, n) => time / times[bare][n])).toFixed(3)]),
  );
  client.close();
  await worker.terminate();
  // Others have timers that go on for as long as a token lives.
  process.exit();
}

if (isMainThread) await measure();
else await serve();
