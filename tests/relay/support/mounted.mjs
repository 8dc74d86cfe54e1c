/** A relay in a server of node:http, the provider that it passes on to, and sockets that say what no client says. */
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { after, afterEach } from "node:test";
import { loadRelay } from "../../support/package.mjs";

/** @typedef {import("propusk/relay").RelayOptions} RelayOptions */
/** @typedef {import("node:http").IncomingMessage & { text: () => Promise<string> }} Arrived */
/** @typedef {(request: Arrived, response: import("node:http").ServerResponse) => unknown} Provider */

/** A page's token request, and what it is made of. */
export const LOGIN = { method: "POST", body: new URLSearchParams({ grant_type: "password", username: "u", password: "p" }) };

export async function mounting() {
  const { createRelay, toNodeHandler } = await loadRelay();
  /** @type {(() => unknown)[]} */
  let ends = [];
  const later = (/** @type {() => unknown} */ end) => void ends.push(end);
  async function finish() {
    const due = ends.reverse();
    ends = [];
    for (const end of due) await end();
  }
  afterEach(finish);
  after(finish);

  /** @param {import("node:http").RequestListener} listener */
  async function serve(listener) {
    const server = createServer(listener);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    later(async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    });
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    return { server, port, origin: `http://127.0.0.1:${port}` };
  }

  /** Plays the provider: writes down what arrives, and answers. @param {Provider} [answer] */
  async function provider(answer) {
    /** @type {{ method: string, url: string, headers: import("node:http").IncomingHttpHeaders, body: string | null }[]} */
    const arrived = [];
    const made = await serve(async (request, response) => {
      const { method = "", url = "", headers } = request;
      const entry = { method, url, headers, body: /** @type {string | null} */ (null) };
      arrived.push(entry);
      const text = async () => {
        const chunks = [];
        for await (const chunk of request) chunks.push(chunk);
        return Buffer.concat(chunks).toString();
      };
      if (answer) return answer(Object.assign(request, { text }), response);
      entry.body = await text().catch(() => null);
      response.setHeader("content-type", "application/json");
      response.end('{"ok":true}');
    });
    return { ...made, arrived };
  }

  /** A relay of Kassa at that provider. @param {string} origin @param {Partial<RelayOptions> & { client?: object }} [more] @returns {Promise<any>} */
  function relayOf(origin, { client = {}, ...more } = {}) {
    return createRelay({ mount: "/auth/kassa", provider: { provider: "bifit-kassa", baseUrl: `${origin}/v1`, clientSecret: "of the relay", ...client }, api: ["protected/"], ...more });
  }

  /**
   * A provider, a relay of it, and the server that it is in.
   *
   * @param {Partial<RelayOptions> & { client?: object, answer?: Provider }} [options]
   */
  async function mounted({ answer, ...more } = {}) {
    /** @type {import("propusk/relay").RelayTrace[]} */
    const traces = [];
    const behind = await provider(answer);
    const relay = await relayOf(behind.origin, { onTrace: (record) => void traces.push(record), ...more });
    const front = await serve(toNodeHandler(relay));
    return { ...front, relay, traces, behind, arrived: behind.arrived, base: `${front.origin}/auth/kassa` };
  }

  /**
   * Sends bytes as they are and gives what comes back until the other end closes.
   *
   * @param {number} port
   * @param {string} text
   */
  async function raw(port, text) {
    const socket = connect(port, "127.0.0.1");
    later(() => socket.destroy());
    socket.on("error", () => {});
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk.toString("latin1")));
    socket.write(Buffer.from(text, "latin1"));
    await once(socket, "close");
    return answer;
  }

  return { createRelay, toNodeHandler, later, serve, provider, relayOf, mounted, raw };
}

/** The code of a refusal. @param {Response} response */
export async function refusal(response) {
  const { error, ...more } = await response.json();
  if (Object.keys(more).length > 0 || Object.keys(error).join() !== "code,message") throw new Error("a refusal has another shape");
  return `${response.status} ${error.code}`;
}

/** A promise with its ends. @returns {{ promise: Promise<any>, resolve: (value?: any) => void }} */
export function gate() {
  /** @type {(value?: any) => void} */
  let resolve = () => {};
  const promise = new Promise((settle) => (resolve = settle));
  return { promise, resolve };
}

/** A body that the test hands over piece by piece. */
export function pieces() {
  const { readable, writable } = new TransformStream();
  const writer = writable.getWriter();
  return { body: readable, write: (/** @type {string} */ text) => writer.write(new TextEncoder().encode(text)), end: () => writer.close(), abort: () => writer.abort(new Error("gone")) };
}

/** @param {any} body @returns {any} */
export const streaming = (body) => ({ method: "POST", body, duplex: "half" });
