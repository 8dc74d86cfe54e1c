/** Waits on this machine for the user to come back from the provider's page (RFC 8252, section 7.3). */
import { once } from "node:events";
import { Failure, UsageFault } from "./failure.js";

/** Longest time for the user to come back, milliseconds. */
const PATIENCE = 5 * 60_000;

/** Takes what came out of the address, and out of the browser's history. */
const SCRIPT = 'history.replaceState(null, "", "/");';

/** What an answer that nobody awaits ends with; the pending login stays. */
const UNEXPECTED = ["redirect_unexpected", "state_mismatch", "issuer_mismatch"];

/** Names of this very machine, as an address may have them. */
const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

export class Loopback {
  /** @type {import("node:http").Server | null} */
  #server = null;
  #policy = "";
  #texts;
  #wanted;
  /** @type {{ take: (address: string) => Promise<any>, settle: (value: any) => void, fail: (error: unknown) => void } | null} */
  #awaited = null;

  /**
   * @param {import("./texts.js").Texts} texts
   * @param {string | undefined} given where the provider is known to send users, else any free port
   */
  constructor(texts, given) {
    this.#texts = texts;
    this.#wanted = given === undefined ? null : wantedPlace(given, texts);
    // As it was written: providers compare it byte for byte.
    this.redirectUri = given ?? "";
  }

  async listen() {
    // Other commands start sooner without them.
    const [{ createServer }, { createHash }] = await Promise.all([import("node:http"), import("node:crypto")]);
    this.#policy = `default-src 'none'; script-src 'sha256-${createHash("sha256").update(SCRIPT).digest("base64")}'`;
    const server = createServer((request, response) => void this.#answer(request, response));
    this.#server = server;
    // A request with half of its head keeps nobody waiting.
    server.headersTimeout = 10_000;
    const host = this.#wanted?.hostname ?? "127.0.0.1";
    server.listen(Number(this.#wanted?.port ?? 0), host === "[::1]" ? "::1" : "127.0.0.1");
    try {
      await once(server, "listening");
    } catch (cause) {
      throw new UsageFault(this.#texts.login.cannotListen(this.#wanted?.host ?? host, /** @type {any} */ (cause).code ?? ""));
    }
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    this.redirectUri ||= `http://${host}:${port}/`;
  }

  /**
   * The first answer that `take` wants.
   *
   * @template T
   * @param {(address: string) => Promise<T | null>} take rejects with what an answer that nobody awaits is refused with
   * @returns {Promise<T>}
   */
  async wait(take) {
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    try {
      return await new Promise((settle, fail) => {
        this.#awaited = { take, settle, fail };
        timer = setTimeout(() => fail(new Failure("timeout", this.#texts.login.tooLate(PATIENCE / 60_000), { retryable: true })), PATIENCE);
      });
    } finally {
      clearTimeout(timer);
      this.#awaited = null;
    }
  }

  async close() {
    const server = this.#server;
    if (!server?.listening) return;
    const closed = once(server, "close");
    server.close();
    server.closeIdleConnections();
    // Whoever does not read the page to its end has had the time.
    const timer = setTimeout(() => server.closeAllConnections(), 500);
    await closed;
    clearTimeout(timer);
  }

  /** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
  async #answer(request, response) {
    const { page } = this.#texts;
    const awaited = this.#awaited;
    const mistake = this.#mistake(request);
    if (mistake || !awaited) return this.#show(response, mistake || 400, page.unexpected);
    try {
      const result = await awaited.take(new URL(request.url ?? "", this.redirectUri).href);
      if (result === null) return this.#show(response, 400, page.unexpected);
      await this.#show(response, 200, page.done);
      awaited.settle(result);
    } catch (error) {
      if (UNEXPECTED.includes(/** @type {any} */ (error).code)) return this.#show(response, 400, page.unexpected);
      await this.#show(response, 400, page.failed);
      awaited.fail(error);
    }
  }

  /** The status that refuses a request which is no answer of a provider; 0: it may be one. @param {import("node:http").IncomingMessage} request */
  #mistake({ method, headers, url = "", socket }) {
    const { host, port, pathname } = new URL(this.redirectUri);
    const isLocal = /^(?:::ffff:)?127\.|^::1$/.test(socket.remoteAddress ?? "");
    // Another name that leads here is somebody else's page; one that loads this as a part of itself is no user who comes back.
    const names = [host, ...LOOPBACK.map((name) => `${name}:${port}`)];
    const isPart = headers["sec-fetch-dest"] !== undefined && headers["sec-fetch-dest"] !== "document";
    if (!isLocal || !names.includes(headers.host ?? "") || !url.startsWith("/") || !URL.canParse(url, this.redirectUri)) return 400;
    if (method !== "GET") return 405;
    if (isPart) return url.includes("?") ? 400 : 404;
    const [path, query] = url.split("?", 2);
    return path === pathname || query !== undefined ? 0 : 404;
  }

  /** @param {import("node:http").ServerResponse} response @param {number} status @param {string} text */
  async #show(response, status, text) {
    response.writeHead(status, {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": this.#policy,
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      connection: "close",
      ...(status === 405 && { allow: "GET" }),
    });
    const { language } = this.#texts;
    response.end(`<!doctype html><html lang="${language}"><meta charset="utf-8"><title>propusk</title><p>${text}</p><script>${SCRIPT}</script></html>\n`);
    if (!response.writableFinished) await Promise.race([once(response, "finish"), once(response, "close")]);
  }
}

/** Where a `redirectUri` of the user's own has to be waited for. @param {string} given @param {import("./texts.js").Texts} texts */
function wantedPlace(given, { login }) {
  const wrong = () => new Failure("invalid_config", login.noLoopback, { hint: login.loopback });
  if (!URL.canParse(given)) throw wrong();
  const url = new URL(given);
  if (url.protocol !== "http:" || !LOOPBACK.includes(url.hostname) || url.port === "") throw wrong();
  return url;
}
