/** A provider and what stands before it, each in a thread of its own. */
import { once } from "node:events";
import { Agent, createServer, request as ask } from "node:http";
import { fileURLToPath } from "node:url";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { loadRelay } from "../tests/support/package.mjs";

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

/** The proxies by name, the bare one first. */
export const NAMES = Object.keys(LISTENERS).slice(1);

/** What has been started: how to ask each of the proxies, and what memory it takes. */
export async function proxies() {
  /** @type {Worker[]} */
  const workers = [];
  const start = async (/** @type {string} */ name, /** @type {number} */ port = 0) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { name, port } });
    workers.push(worker);
    return { worker, port: (await once(worker, "message"))[0] };
  };
  const provider = await start("provider");
  const made = Object.fromEntries(await Promise.all(NAMES.map(async (name) => /** @type {const} */ ([name, await start(name, provider.port)]))));
  const agent = new Agent({ keepAlive: true });
  return {
    /** One whole answer. @param {string} name @param {string} path @param {string} [token] @returns {Promise<number>} its length */
    get(name, path, token = "t".repeat(800)) {
      return new Promise((resolve, reject) => {
        const sent = ask({ agent, host: "127.0.0.1", port: made[name].port, path: `/auth/protected/${path}`, headers: { authorization: `Bearer ${token}` } }, (answer) => {
          let length = 0;
          answer.on("data", (chunk) => (length += chunk.length)).on("end", () => (answer.statusCode === 200 ? resolve(length) : reject(new Error(`${name}: ${answer.statusCode}`))));
        });
        sent.on("error", reject).end();
      });
    },
    /** Bytes in use, after a collection. @param {string} name @returns {Promise<number>} */
    async memory(name) {
      made[name].worker.postMessage("memory");
      return (await once(made[name].worker, "message"))[0];
    },
    async end() {
      agent.destroy();
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

if (!isMainThread) {
  const port = await listening(await LISTENERS[workerData.name]());
  parentPort?.postMessage(port);
  parentPort?.on("message", () => {
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    parentPort?.postMessage(heapUsed + external);
  });
}
