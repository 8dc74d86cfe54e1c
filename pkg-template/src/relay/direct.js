/** A request on a server of Node, carried out by node:http: its streams are joined as they are. */
import { clear, deadline } from "../timers.js";
import { refusal } from "./answers.js";
import { Head } from "./decisions.js";
import { told } from "./tell.js";
import { factsOfNode, given } from "./node-request.js";

/** @typedef {import("./gate.js").Verdict} Verdict */
/** @typedef {import("./serve.js").Relay} Relay */
/** @typedef {import("./node-request.js").Given} Given */
/** @typedef {import("./transport.js").Transport} Transport */

/** Statuses of answers that have no body. */
const BODILESS = [204, 205, 304];

/**
 * Carries a request out. Rejects for nothing: whoever asks is answered, or gone.
 *
 * @param {Relay} relay
 * @param {Transport} transport
 * @param {any} request
 * @param {any} response
 * @param {Function | null} next
 */
export async function direct(relay, transport, request, response, next) {
  const passage = new Passage(relay, transport, request, response);
  try {
    const { gate } = relay;
    // After a failure: in a new instance of the module.
    if (!gate.isOpen) await gate.ready();
    if (passage.begin(next !== null)) next?.();
  } catch (error) {
    await passage.fail(error);
  }
}

class Passage {
  #relay;
  #transport;
  #request;
  #response;
  #started = performance.now();
  /** @type {Head | null} */
  #head = null;
  /** The request to the provider. @type {any} */
  #asked = null;
  #timer = /** @type {any} */ (0);
  /** Whether the page's body has not arrived yet. */
  #isArriving = false;
  /** Whether it is decided what the page gets. */
  #isSettled = false;
  /** What browsers get in any case. @type {[string, string][]} */
  #always = [];
  /** Whether a page's script asks. */
  #isScripts = false;

  /**
   * @param {Relay} relay
   * @param {Transport} transport
   * @param {any} request
   * @param {any} response
   */
  constructor(relay, transport, request, response) {
    this.#relay = relay;
    this.#transport = transport;
    this.#request = request;
    this.#response = response;
  }

  /** @param {boolean} passesOn @returns {boolean} whether it is somebody else's */
  begin(passesOn) {
    const { gate, decisions } = this.#relay;
    const facts = factsOfNode(this.#request, passesOn);
    const content = given(this.#request, facts.method);
    const headers = this.#request.headers ?? {};
    const head = (this.#head = new Head(facts, gate.about.headers, (name) => (content.isRead && OF_BODY.includes(name) ? null : headerOf(headers[name]))));
    const verdict = decisions.judge(head);
    if (verdict.what === "outside" && passesOn) return true;
    this.#always = verdict.headers ?? [];
    this.#isScripts = verdict.scripts === true;
    this.#response.on("close", () => this.#leave());
    if (verdict.what === "outside") this.#refuse(404);
    else if (verdict.what === "refuse") this.#refuse(verdict);
    else if (verdict.what === "answer") this.#answer(verdict);
    else this.#pass(verdict, content);
    return false;
  }

  /** @param {unknown} error a mistake of ours, or the module has failed: the page is told the same */
  async fail(error) {
    const { gate } = this.#relay;
    if (this.#isSettled) return void this.#response.destroy();
    try {
      if (!gate.isOpen) await gate.ready();
      this.#refuse(500);
    } catch {
      this.#response.destroy(error);
    }
  }

  /** @param {Verdict} verdict @param {Given} content */
  #pass(verdict, content) {
    const { gate } = this.#relay;
    const wantsBody = verdict.what === "read" || verdict.streams === true;
    this.#isArriving = wantsBody && content.kind === "stream";
    this.#timer = deadline(() => this.#refuse(this.#isArriving ? 408 : 504), gate.about.timeout);
    if (wantsBody && content.kind === "gone") return this.#refuse(500);
    if (wantsBody && content.kind === "bytes" && content.bytes.length > gate.about.maxBody) return this.#refuse(413);
    if (verdict.what === "send") return this.#send(verdict, content);
    if (content.kind === "stream") return this.#gather();
    return this.#decide(content.kind === "bytes" ? content.bytes : new Uint8Array());
  }

  /** Reads the page's body as a whole. */
  #gather() {
    /** @type {Uint8Array[]} */
    const chunks = [];
    this.#arrive(
      (chunk) => void chunks.push(chunk),
      () => this.#decide(chunks.length === 1 ? chunks[0] : this.#transport.concat(chunks)),
    );
  }

  /** @param {Uint8Array} body */
  #decide(body) {
    const verdict = this.#relay.gate.judge(/** @type {Head} */ (this.#head).whole, body);
    if (verdict.what === "send") this.#send(verdict, { kind: "none", isRead: false });
    else this.#refuse(verdict);
  }

  /**
   * Takes the page's body, as long as it is not too long.
   *
   * @param {(chunk: Uint8Array) => void} take
   * @param {() => void} ended
   */
  #arrive(take, ended) {
    const request = this.#request;
    let left = this.#relay.gate.about.maxBody;
    request.on("data", (/** @type {Uint8Array} */ chunk) => {
      if (this.#isSettled && !this.#asked) return;
      left -= chunk.length;
      if (left < 0) return this.#refuse(413);
      take(chunk);
    });
    request.on("end", () => {
      this.#isArriving = false;
      if (!this.#isSettled || this.#asked) this.#guarded(ended);
    });
    for (const event of ["error", "aborted"]) request.on(event, () => this.#leave());
  }

  /** @param {Verdict} verdict @param {Given} content */
  #send({ method = "GET", url = "", own = [], body }, content) {
    const { kind } = content;
    const headers = this.#transport.headersOf(own);
    if (kind === "stream") {
      const length = headerOf(this.#request.headers["content-length"]);
      if (/^\d{1,15}$/.test(length ?? "")) headers["content-length"] = length;
      else headers["transfer-encoding"] = "chunked";
    }
    const asked = this.#ask(url, { method, headers }, kind === "none" && typeof body !== "string");
    if (!asked) return;
    if (typeof body === "string") asked.end(body);
    else if (kind === "bytes") asked.end(content.bytes);
    else if (kind !== "stream") asked.end();
    else this.#stream(asked);
  }

  /** The page's body goes on as it comes, no faster than the provider takes it, and once there is a connection. @param {any} asked */
  #stream(asked) {
    const request = this.#request;
    let isConnected = false;
    this.#arrive(
      (chunk) => {
        if (isConnected) {
          if (asked.write(chunk)) return;
          asked.once("drain", () => request.resume());
        } else {
          isConnected = true;
          asked.write(chunk, () => request.resume());
        }
        request.pause();
      },
      () => asked.end(),
    );
  }

  /**
   * @param {string} url
   * @param {{ method: string, headers: Record<string, any> }} init
   * @param {boolean} isRepeatable whether it may go out once more on a connection of its own
   * @param {boolean} [isFresh]
   * @returns {any}
   */
  #ask(url, init, isRepeatable, isFresh = false) {
    let asked;
    try {
      asked = this.#transport.ask(url, init, isFresh);
    } catch {
      return this.#refuse(502);
    }
    this.#asked = asked;
    asked.on("response", (/** @type {any} */ answer) => this.#guarded(() => this.#answered(answer, init.method)));
    asked.on("upgrade", (/** @type {any} */ _, /** @type {any} */ socket) => socket.destroy());
    asked.on("error", (/** @type {any} */ { code }) => {
      // The provider has ended a connection that was kept, just when it was taken again.
      const isStale = asked.reusedSocket && code === "ECONNRESET" && ["GET", "HEAD"].includes(init.method);
      if (isStale && isRepeatable && !isFresh && !this.#isSettled) this.#ask(url, init, false, true)?.end();
      else this.#refuse(502);
    });
    asked.on("close", () => {
      if (this.#asked !== asked) return;
      this.#asked = null;
      if (!this.#isSettled) this.#refuse(502);
    });
    return asked;
  }

  /** @param {any} answer @param {string} method */
  #answered(answer, method) {
    if (this.#isSettled) return answer.destroy();
    const { statusCode, headers } = answer;
    const kept = this.#relay.decisions.answer(statusCode, (name) => headerOf(headers[name]), this.#isScripts);
    if (kept.what === "refuse") return this.#refuse(kept.status ?? 502);
    const response = this.#response;
    this.#settle(statusCode, null);
    response.writeHead(statusCode, Object.fromEntries([...(kept.headers ?? []), ...this.#always]));
    const stop = () => response.destroy();
    answer.on("error", stop);
    // What the page has got is not whole, and that is how it learns of it.
    answer.on("close", () => answer.complete || stop());
    if (method === "HEAD" || BODILESS.includes(statusCode)) {
      answer.resume();
      return response.end();
    }
    const unpacked = this.#transport.unpacked(answer, headerOf(headers["content-encoding"]) ?? "", stop);
    unpacked.pipe(response);
    // What is there already goes out with the head; else the head goes before it.
    this.#transport.soon(() => {
      if (!response.writableEnded && !response.destroyed) response.flushHeaders?.();
    });
  }

  /** The relay answers by itself. @param {Verdict} verdict */
  #answer({ status = 500, code, own = [] }) {
    this.#settle(status, code ?? null);
    this.#response.writeHead(status, Object.fromEntries([...own, ...this.#always]));
    this.#response.end();
  }

  /** @param {Verdict | number} why */
  #refuse(why) {
    if (this.#isSettled) return this.#stop();
    const { gate } = this.#relay;
    const refused = typeof why === "number" ? gate.refusal(why) : why;
    const { status, code, body, headers } = refusal(refused, refused.headers ?? this.#always);
    const response = this.#response;
    this.#settle(status, code);
    this.#stop();
    // The rest is let through, so that the page gets to read the answer.
    this.#request.resume?.();
    if (response.destroyed || response.headersSent) return;
    /** @type {Record<string, string>} */
    const all = Object.fromEntries(headers);
    // Of a page whose body does not arrive, nothing more is awaited.
    if (status === 408 && this.#request.httpVersionMajor === 1) all.Connection = "close";
    response.writeHead(status, all);
    response.end(this.#head?.method === "HEAD" ? undefined : body);
  }

  /** The page goes away: nobody will read what comes. */
  #leave() {
    if (this.#response.writableFinished) return;
    if (!this.#isSettled && (this.#response.destroyed || this.#request.destroyed)) this.#refuse(408);
    this.#stop();
  }

  /** Ends the request to the provider. */
  #stop() {
    const asked = this.#asked;
    this.#asked = null;
    asked?.destroy();
  }

  /** @param {number} status @param {string | null} code */
  #settle(status, code) {
    this.#isSettled = true;
    clear(this.#timer);
    if (this.#head) told(this.#relay, this.#head, status, code, this.#started);
  }

  /** @param {() => void} run what an event of a stream has led to */
  #guarded(run) {
    try {
      run();
    } catch (error) {
      void this.fail(error);
    }
  }
}

/** Headers that tell of the body as it came, and not as something has read it. */
const OF_BODY = ["content-length", "content-encoding", "transfer-encoding"];

/** @param {any} value @returns {string | null} */
function headerOf(value) {
  if (value === undefined) return null;
  return Array.isArray(value) ? value.join(", ") : String(value);
}
