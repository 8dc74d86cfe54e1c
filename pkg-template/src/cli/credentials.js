/** Where what a service takes comes from: a pipe, the environment, or the terminal, in this order. */
import process from "node:process";
import { UsageFault } from "./failure.js";
import { pipedObject } from "./input.js";
import { isThere, Terminal } from "./terminal.js";

/** @typedef {import("./context.js").Context} Context */

/** @type {Record<string, string>} */
const VARIABLES = { username: "PROPUSK_USERNAME", password: "PROPUSK_PASSWORD", token: "PROPUSK_TOKEN" };

/** What may be seen while it is typed; what is not known to be harmless may not. */
const OPEN = /^(user_?name|user|login|phone|e?mail|account|company|tenant|domain|(client|user|company|shop|merchant)_?id)$/i;

/** Takes the credentials out of the environment, where a browser that is started would find them, too. */
export function fromEnvironment() {
  const { env } = process;
  const found = Object.entries(VARIABLES).flatMap(([name, variable]) => {
    const value = env[variable];
    delete env[variable];
    return value ? [[name, value]] : [];
  });
  return /** @type {Record<string, string>} */ (Object.fromEntries(found));
}

/** @param {import("./service.js").Service} service */
function isInEnvironment({ profile: { credentials } }) {
  return Array.isArray(credentials) && credentials.every((name) => Boolean(process.env[VARIABLES[name] ?? ""]));
}

export class Source {
  /** @type {Terminal | null} */
  #terminal = null;
  #context;
  /** Answers a second factor. @type {string | null} */
  code = null;

  /** @param {Context} context */
  constructor(context) {
    this.#context = context;
  }

  /** Whether what a service takes can be had: from the environment, or from somebody who is asked. @param {import("./service.js").Service} service */
  hasAll(service) {
    return isThere() || isInEnvironment(service);
  }

  /** Takes the terminal at once where somebody will be asked: what is typed before the question comes is not shown. @param {import("./service.js").Service} service */
  begin(service) {
    if (!isInEnvironment(service)) this.terminal();
  }

  /**
   * @param {import("./service.js").Service} service
   * @returns {Promise<Record<string, string>>}
   */
  async credentials({ profile, isCustom }) {
    const { flags, interrupt, output, texts } = this.#context;
    const environment = fromEnvironment();
    /** @type {Record<string, string>} */
    let given = {};
    if (flags.stdin) ({ code: this.code = null, ...given } = /** @type {any} */ (await pipedObject(interrupt, texts)));
    /** @type {string[]} */
    const names = Array.isArray(profile.credentials) ? profile.credentials.filter((/** @type {unknown} */ name) => typeof name === "string") : [];
    // A profile may call one of its own credentials so.
    if (isCustom && names.includes("code") && this.code !== null) {
      given.code = this.code;
      this.code = null;
    }
    const taken = names.filter((name) => !Object.hasOwn(given, name) && Object.hasOwn(environment, name));
    for (const name of taken) given[name] = environment[name];
    if (taken.length > 0 && (isThere() || process.stderr.isTTY)) output.note(texts.warning(texts.login.fromEnvironment(taken.map((name) => VARIABLES[name]))));
    const missing = names.filter((name) => !Object.hasOwn(given, name));
    // What is missing in what was piped, the library names.
    if (missing.length === 0 || flags.stdin) return given;
    const terminal = this.terminal();
    if (!terminal) throw new UsageFault(texts.login.nothingToAsk, texts.login.howElse(names));
    for (const name of missing) {
      const isPhone = profile.formats?.[name] === "ru-phone";
      given[name] = await terminal.ask(texts.login.label(name, isPhone), !isPhone && !OPEN.test(name));
    }
    return given;
  }

  /** Null: there is none. */
  terminal() {
    if (this.#context.flags.stdin || !isThere()) return null;
    return (this.#terminal ??= new Terminal(this.#context.interrupt, this.#context.texts));
  }

  close() {
    this.#terminal?.close();
    this.#terminal = null;
  }
}
