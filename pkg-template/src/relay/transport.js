/** node:http and what goes with it, where the runtime is Node and nobody has another way to the network in mind. */

/**
 * @typedef {object} Transport
 * @property {(url: string, init: { method: string, headers: Record<string, any> }, isFresh: boolean) => any} ask isFresh: on a connection of its own
 * @property {(own: [string, string][]) => Record<string, any>} headersOf
 * @property {(answer: any, coding: string, stop: () => void) => any} unpacked
 * @property {(chunks: Uint8Array[]) => Uint8Array} concat
 * @property {(then: () => void) => void} soon in the next turn of the event loop
 */

/** As it was when this script was loaded: whoever replaces it later wants it to be used. */
const ownFetch = globalThis.fetch;

/** Connections are kept for as long as those of Node's `fetch`, ms. */
const KEPT = 4000;

/** What goes along where the page and the profile say nothing. */
const USUAL = Object.entries({ accept: "*/*", "accept-encoding": "gzip, br", "user-agent": "node" });

/** @type {Transport | null | undefined} */
let made;

/** Null: `fetch` is the way. @returns {Transport | null} */
export function transport() {
  if (made === undefined) made = make();
  return made && isPlain() ? made : null;
}

/** Whether `fetch` is Node's own, and goes straight to where it is told to go. */
function isPlain() {
  const { fetch } = /** @type {any} */ (globalThis);
  if (fetch !== ownFetch || !/undici|fetchImpl/.test(Function.prototype.toString.call(fetch))) return false;
  // A proxy, or authorities of its own: set for `fetch` by undici or by Node.
  const dispatcher = /** @type {any} */ (globalThis)[Symbol.for("undici.globalDispatcher.1")];
  if (!dispatcher) return true;
  const name = Object.getOwnPropertySymbols(dispatcher).find(({ description }) => description === "options");
  const options = name && dispatcher[name];
  return dispatcher.constructor?.name === "Agent" && Object.values(options ?? { unknown: true }).every((value) => value === undefined);
}

/** @returns {Transport | null} */
function make() {
  const { process, Deno, Bun } = /** @type {any} */ (globalThis);
  if (!process?.versions?.node || Deno || Bun || !process.getBuiltinModule) return null;
  const [http, https, zlib, { Buffer }] = ["http", "https", "zlib", "buffer"].map((name) => process.getBuiltinModule(`node:${name}`));
  if (!http || !https || !zlib) return null;
  const plain = { ask: http.request, agent: new http.Agent({ keepAlive: true, timeout: KEPT }) };
  const secure = { ask: https.request, agent: new https.Agent({ keepAlive: true, timeout: KEPT }) };
  // What a server has not finished it has still sent.
  const lenient = { flush: zlib.constants.Z_SYNC_FLUSH, finishFlush: zlib.constants.Z_SYNC_FLUSH };
  /** @type {Record<string, () => any>} */
  const unpackers = {
    gzip: () => zlib.createGunzip(lenient),
    "x-gzip": () => zlib.createGunzip(lenient),
    deflate: () => zlib.createInflate(lenient),
    br: () => zlib.createBrotliDecompress({ flush: zlib.constants.BROTLI_OPERATION_FLUSH, finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH }),
  };
  return {
    ask(url, { method, headers }, isFresh) {
      const { protocol, hostname, port, pathname, search } = new URL(url);
      const { ask, agent } = protocol === "https:" ? secure : plain;
      return ask({ protocol, hostname: hostname.replace(/^\[|\]$/g, ""), port, path: pathname + search, agent: isFresh ? false : agent, method, headers });
    },
    headersOf(own) {
      /** @type {Record<string, any>} */
      const headers = {};
      for (const [name, value] of own) headers[name] = value;
      for (const [name, value] of USUAL) if (!own.some(([known]) => known.length === name.length && known.toLowerCase() === name)) headers[name] = value;
      return headers;
    },
    unpacked(answer, coding, stop) {
      const codings = coding.split(",").map((one) => one.trim().toLowerCase());
      return codings.reduceRight((stream, one) => {
        const unpack = unpackers[one]?.();
        if (!unpack) return stream;
        unpack.on("error", () => {
          answer.destroy();
          stop();
        });
        return stream.pipe(unpack);
      }, answer);
    },
    concat: (chunks) => Buffer.concat(chunks),
    soon: process.getBuiltinModule("node:timers").setImmediate,
  };
}
