/** A relay in the module. One that has failed is opened anew in a new instance, with the next request. */
import { AuthError } from "../error.js";
import { href } from "../host.js";
import { instance } from "./load.js";

/**
 * @typedef {object} Verdict
 * @property {"outside" | "refuse" | "answer" | "read" | "send"} what
 * @property {[string, string][]} [headers] what browsers get in any case
 * @property {[string, string][]} [own] headers of the answer, or of the request that is sent
 * @property {number} [status]
 * @property {string} [code]
 * @property {string | null} [body]
 * @property {string} [method]
 * @property {string} [url]
 * @property {boolean} [streams] whether the page's body goes along as it is
 * @property {boolean} [scripts] whether a page's script asks
 *
 * @typedef {{ headers: string[], answerHeaders: string[], maxBody: number, timeout: number }} About
 */

const HOST = { href };

/** The remedy for what is wrong with the client's options. */
export const OF_CLIENT = "See the options of `AuthClient.create`, which `provider` takes.";

export class Gate {
  /** @type {import("#relay/glue").Gate | null} */
  #inside = null;

  /** @param {string} data @param {string} provider */
  constructor(data, provider) {
    this.data = data;
    this.provider = provider;
    /** @type {About} */
    this.about = { headers: [], answerHeaders: [], maxBody: 0, timeout: 0 };
  }

  /** Throws an AuthError for wrong options. @param {string} data @param {string} provider */
  static async open(data, provider) {
    const gate = new Gate(data, provider);
    await gate.ready();
    return gate;
  }

  /** Opens it, unless it is open. */
  async ready() {
    if (this.#inside) return;
    const made = await instance();
    try {
      this.#inside = made.Gate.open(HOST, this.data);
    } catch (error) {
      // Fields of an error, in JSON; whatever else is thrown has nothing to say to callers.
      if (typeof error !== "string") throw error;
      const fields = JSON.parse(error);
      throw new AuthError({ ...fields, hint: fields.hint ?? OF_CLIENT, provider: this.provider || null });
    }
    this.about = JSON.parse(this.#inside.about());
  }

  get isOpen() {
    return this.#inside !== null;
  }

  /** @param {string} head @param {Uint8Array} [body] @returns {Verdict} */
  judge(head, body) {
    return this.#enter((inside) => JSON.parse(inside.judge(head, body)));
  }

  /** @param {string} head @returns {string} */
  shown(head) {
    return this.#enter((inside) => inside.shown(head));
  }

  /** @param {number} status @param {[string, string][]} headers @param {boolean} scripts whether a page's script asks @returns {Verdict} */
  answer(status, headers, scripts) {
    return this.#enter((inside) => JSON.parse(inside.answer(status, JSON.stringify(headers), scripts)));
  }

  /** @param {number} status @returns {Verdict} */
  refusal(status) {
    return this.#enter((inside) => JSON.parse(inside.refusal(status)));
  }

  /** @template T @param {(inside: import("#relay/glue").Gate) => T} enter @returns {T} */
  #enter(enter) {
    if (!this.#inside) throw new Error("the relay's module has failed");
    try {
      return enter(this.#inside);
    } catch (error) {
      // What cannot throw has thrown: nothing of this instance is to be trusted any more.
      this.#inside = null;
      throw error;
    }
  }
}
