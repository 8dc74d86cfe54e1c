/** Carries out what the module has decided of a request. */
import { call } from "../host.js";
import { isFunction, silence } from "../reading.js";
import { clear, deadline } from "../timers.js";
import { refusal } from "./answers.js";
import { bodyOf, counted, whole } from "./bodies.js";
import { GONE } from "./facts.js";

/** @typedef {import("./gate.js").Verdict} Verdict */
/** @typedef {{ answer: Response, code: string | null }} Outcome an answer, and what it is where it is none of the provider's */

/** Statuses of answers that have no body. */
const BODILESS = [204, 205, 304];

/** Longest body that is sent as a whole where a stream could not say how long it is, bytes. */
const SMALL = 65_536;

/** Node sends a stream with the length that its headers tell. */
const TELLS_LENGTH = isNode();

function isNode() {
  const { process, Deno, Bun } = /** @type {any} */ (globalThis);
  return Boolean(process?.versions?.node) && !Deno && !Bun;
}

/**
 * The answer that a refusal is.
 *
 * @param {Verdict} verdict
 * @param {string} method
 * @param {[string, string][]} [more] headers
 * @returns {Outcome}
 */
export function refused(verdict, method, more = verdict.headers) {
  const { status, code, body, headers } = refusal(verdict, more);
  return { answer: new Response(method === "HEAD" ? null : body, { status, headers }), code };
}

/** Why an exchange ends without the provider's answer. */
class Stop {
  /** @param {number} status of the refusal */
  constructor(status) {
    this.status = status;
  }
}

export class Exchange {
  #relay;
  #request;
  #head;
  #method;
  /** Ends the request to the provider. */
  #controller = new AbortController();
  /** Whether the page's body has not arrived yet. */
  #isArriving = false;
  /** @type {ReadableStreamDefaultReader<Uint8Array> | null} */
  #reader = null;
  /** Gives up, with the status of a refusal. @type {(status: number) => void} */
  #stop = () => {};
  /** @type {Promise<number>} */
  #stopped;

  /**
   * @param {import("./serve.js").Relay} relay
   * @param {any} request
   * @param {import("./decisions.js").Head} head
   */
  constructor(relay, request, head) {
    this.#relay = relay;
    this.#request = request;
    this.#head = head;
    this.#method = head.method;
    this.#stopped = new Promise((resolve) => (this.#stop = resolve));
  }

  /** @param {Verdict} verdict @returns {Promise<Outcome>} */
  async run(verdict) {
    const { gate } = this.#relay;
    switch (verdict.what) {
      case "refuse":
        return refused(verdict, this.#method);
      case "answer":
        return { answer: new Response(null, { status: verdict.status, headers: both(verdict) }), code: verdict.code ?? null };
      case "outside":
        return refused(gate.refusal(404), this.#method, []);
    }
    const timer = deadline(() => this.#stop(this.#isArriving ? 408 : 504), gate.about.timeout);
    try {
      return await this.#pass(verdict);
    } catch (error) {
      this.#controller.abort();
      silence(this.#reader?.cancel());
      return refused(gate.refusal(error instanceof Stop ? error.status : 500), this.#method, verdict.headers);
    } finally {
      clear(timer);
    }
  }

  /** Throws a `Stop`. @param {Verdict} verdict @returns {Promise<Outcome>} */
  async #pass(verdict) {
    const { gate, decisions, fetch } = this.#relay;
    this.#heed();
    if (this.#controller.signal.aborted) throw new Stop(408);
    const body = this.#open();
    if (verdict.what === "read") {
      verdict = gate.judge(this.#head.whole, body ? await this.#whole(body) : new Uint8Array());
      if (verdict.what !== "send") return refused(verdict, this.#method);
    }
    const init = await this.#init(verdict, body);
    if (this.#controller.signal.aborted) throw new Stop(408);
    const answer = await this.#unlessStopped(call(fetch, /** @type {string} */ (verdict.url), init), 502);
    if (!answer) throw new Stop(502);
    const isRedirect = answer.type === "opaqueredirect";
    const kept = decisions.answer(isRedirect ? 302 : answer.status, (name) => answer.headers.get(name), verdict.scripts === true);
    if (kept.what === "refuse") {
      silence(attempt(() => answer.body?.cancel()));
      throw new Stop(kept.status ?? 502);
    }
    const isBodiless = this.#method === "HEAD" || BODILESS.includes(answer.status);
    const headers = [...(kept.headers ?? []), ...(verdict.headers ?? [])];
    const passed = isBodiless ? null : await this.#unlessStopped(bodyOf(answer), 502);
    return { answer: new Response(passed, { status: answer.status, headers }), code: null };
  }

  /** @param {Verdict} verdict @param {ReadableStreamDefaultReader<Uint8Array> | null} body @returns {Promise<RequestInit>} */
  async #init({ method, own = [], streams, body: text }, body) {
    /** @type {any} */
    const init = { method, headers: own, redirect: "manual", signal: this.#controller.signal };
    // Next.js keeps answers of its own `fetch` unless it is told not to.
    if (/** @type {any} */ (globalThis.fetch)?.__nextPatched) init.cache = "no-store";
    if (typeof text === "string") init.body = text;
    if (!streams || !body) return init;
    const length = this.#request.headers.get("content-length");
    const isKnown = /^\d{1,15}$/.test(length ?? "");
    if (isKnown && !TELLS_LENGTH && Number(length) <= SMALL) {
      init.body = await this.#whole(body);
      return init;
    }
    if (isKnown && TELLS_LENGTH) init.headers = [...own, ["content-length", length]];
    init.duplex = "half";
    init.body = counted(body, this.#relay.gate.about.maxBody, {
      ended: () => (this.#isArriving = false),
      tooLong: () => this.#end(413),
      failed: (error) => this.#end(error === GONE ? 500 : 408),
    });
    return init;
  }

  /** The page goes away: nobody will read what comes. */
  #heed() {
    const { signal } = this.#request;
    if (!signal || !isFunction(signal.addEventListener)) return;
    const leave = () => this.#end(408);
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave, { once: true });
  }

  #open() {
    const { body } = this.#request;
    if (!body || this.#method === "GET" || this.#method === "HEAD") return null;
    this.#isArriving = true;
    return (this.#reader = body.getReader());
  }

  /** @param {ReadableStreamDefaultReader<Uint8Array>} body */
  async #whole(body) {
    const reading = whole(body, this.#relay.gate.about.maxBody).catch((error) => {
      throw new Stop(error === GONE ? 500 : 408);
    });
    const bytes = await this.#unlessStopped(reading, 408);
    if (!bytes) throw new Stop(413);
    this.#isArriving = false;
    return bytes;
  }

  /** @param {number} status */
  #end(status) {
    this.#stop(status);
    this.#controller.abort();
  }

  /**
   * What a promise gives, unless the exchange is given up before; then, or when it rejects, throws a `Stop`.
   *
   * @template T
   * @param {Promise<T>} promise
   * @param {number} otherwise
   * @returns {Promise<T>}
   */
  async #unlessStopped(promise, otherwise) {
    const failed = (/** @type {any} */ error) => {
      throw error instanceof Stop ? error : new Stop(otherwise);
    };
    const stopped = this.#stopped.then((status) => {
      throw new Stop(status);
    });
    return Promise.race([stopped, promise.catch(failed)]);
  }
}

/** @param {Verdict} verdict */
const both = ({ own = [], headers = [] }) => [...own, ...headers];

/** @template T @param {() => T} look */
function attempt(look) {
  try {
    return look();
  } catch {
    return undefined;
  }
}
