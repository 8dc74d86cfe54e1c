/** Calls and downloads through the relay and through a bare proxy of node:http, each in a process of its own, in turns. */
import { once } from "node:events";
import { Agent, createServer, request as ask } from "node:http";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { fileURLToPath } from "node:url";
import { loadRelay } from "../tests/support/package.mjs";
import { median, table } from "./table.mjs";

const BLOCK = 50;
const ROUNDS = 30;
const WARM = 6;
/** How many calls are under way together where it is not one. */
const TOGETHER = 16;
const LARGE = 64 * 1024 * 1024;
const PIECE = Buffer.alloc(64 * 1024);

/** @param {import("node:http").RequestListener} listener */
async function listening(listener) {
  const server = createServer(listener);
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return /** @type {import("node:net").AddressInfo} */ (server.address()).port;
}

/** @type {Record<string, () => Promise<import("node:http").RequestListener>>} */
const LISTENERS = {
  async provider() {
    const body = JSON.stringify({ goods: Array.from({ length: 20 }, (_, n) => ({ id: n, name: `goods ${n}` })) });
    return async (request, response) => {
      request.resume();
      if (!request.url?.endsWith("/large")) return void response.writeHead(200, { "content-type": "application/json", "content-length": body.length }).end(body);
      for (let left = LARGE; left > 0; left -= PIECE.length) if (!response.write(PIECE)) await once(response, "drain");
      response.end();
    };
  },
  async "a bare proxy of node:http"() {
    const agent = new Agent({ keepAlive: true });
    return (request, response) => {
      const path = `/v1${request.url?.slice("/auth".length)}`;
      const sent = ask({ agent, host: "127.0.0.1", port: workerData.port, method: request.method, path, headers: { ...request.headers, host: `127.0.0.1:${workerData.port}` } }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      request.pipe(sent);
    };
  },
  async "a bare proxy of fetch"() {
    return async (request, response) => {
      const answer = await fetch(`http://127.0.0.1:${workerData.port}/v1${request.url?.slice("/auth".length)}`, { headers: { authorization: String(request.headers.authorization) } });
      response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
      for await (const chunk of /** @type {any} */ (answer.body)) if (!response.write(chunk)) await once(response, "drain");
      response.end();
    };
  },
  async "propusk/relay"() {
    const { createRelay, toNodeHandler } = await loadRelay();
    const relay = await createRelay({ mount: "/auth", provider: { provider: "bifit-kassa", baseUrl: `http://127.0.0.1:${workerData.port}/v1` }, api: ["protected/"] });
    return toNodeHandler(relay);
  },
};

async function measure() {
  /** @type {Worker[]} */
  const workers = [];
  const start = async (/** @type {string} */ name, /** @type {number} */ port = 0) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { name, port } });
    workers.push(worker);
    return { worker, port: (await once(worker, "message"))[0] };
  };
  const provider = await start("provider");
  const names = Object.keys(LISTENERS).slice(1);
  const proxies = Object.fromEntries(await Promise.all(names.map(async (name) => /** @type {const} */ ([name, await start(name, provider.port)]))));
  const agent = new Agent({ keepAlive: true });

  /** One whole answer. @param {string} name @param {string} path @returns {Promise<number>} its length */
  const get = (name, path) =>
    new Promise((resolve, reject) => {
      const sent = ask({ agent, host: "127.0.0.1", port: proxies[name].port, path: `/auth/protected/${path}`, headers: { authorization: `Bearer ${"t".repeat(800)}` } }, (answer) => {
        let length = 0;
        answer.on("data", (chunk) => (length += chunk.length)).on("end", () => (answer.statusCode === 200 ? resolve(length) : reject(new Error(`${name}: ${answer.statusCode}`))));
      });
      sent.on("error", reject).end();
    });
  const heap = async (/** @type {string} */ name) => {
    proxies[name].worker.postMessage("memory");
    return (await once(proxies[name].worker, "message"))[0];
  };

  /** @type {Record<string, (name: string) => Promise<number>>} milliseconds */
  const kinds = {
    "one call after the other": async (name) => {
      for (let n = 0; n < BLOCK; n += 1) await get(name, "goods");
      return BLOCK;
    },
    [`${TOGETHER} calls at once`]: async (name) => {
      await Promise.all(Array.from({ length: TOGETHER }, async () => {
        for (let n = 0; n < BLOCK / 5; n += 1) await get(name, "goods");
      }));
      return (TOGETHER * BLOCK) / 5;
    },
    "64 MiB": async (name) => {
      await get(name, "large");
      return 1;
    },
  };
  for (const [kind, run] of Object.entries(kinds)) {
    const rounds = kind === "64 MiB" ? 8 : ROUNDS;
    /** @type {Record<string, number[]>} */
    const times = Object.fromEntries(names.map((name) => [name, []]));
    const before = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await heap(name)])));
    for (let round = -WARM; round < rounds; round += 1) {
      for (const name of round % 2 ? [...names].reverse() : names) {
        const begin = performance.now();
        const count = await run(name);
        if (round >= 0) times[name].push((performance.now() - begin) / count);
      }
    }
    const rows = [];
    for (const name of names) {
      const ratio = median(times[name].map((time, n) => time / times[names[0]][n]));
      rows.push([name, median(times[name]).toFixed(3), ratio.toFixed(2), (((await heap(name)) - before[name]) / 2 ** 20).toFixed(1)]);
    }
    table(`${kind}: ms (${rounds} rounds, in turns; medians, the ratio that of each round), and what memory has grown, MiB`, ["", "ms", "ratio", "memory"], rows);
  }
  agent.destroy();
  await Promise.all(workers.map((worker) => worker.terminate()));
}

if (isMainThread) {
  await measure();
} else {
  const port = await listening(await LISTENERS[workerData.name]());
  parentPort?.postMessage(port);
  parentPort?.on("message", () => {
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    parentPort?.postMessage(heapUsed + external);
  });
}
