/** `problem`: the provider's own error in an answer of its API. */
import { read } from "./body.js";
import { clear, deadline } from "./timers.js";
import { AuthError } from "./error.js";
import { xml } from "./host.js";
import { invalid } from "./mistakes.js";

/** Headers that tell of a problem. */
const HEADERS = ["content-type", "www-authenticate", "retry-after", "date"];

/** A picture or a file that came with success is not read through for an error. */
const READABLE = /^$|json|xml|text\/html|text\/plain/i;

/**
 * Reads a clone of the answer.
 *
 * @param {import("./shell.js").Shell} shell
 * @param {any} response
 * @param {import("./methods.js").Who} who
 * @returns {Promise<AuthError | null>}
 */
export async function problem(shell, response, who) {
  const { status, headers } = head(response, [...HEADERS, ...shell.about.headers]);
  const isSuccess = status >= 200 && status < 300;
  const body = isSuccess && !READABLE.test(headers["content-type"] ?? "") ? null : await clone(shell, response, who);
  await shell.instance.complete();
  const ask = (/** @type {string[]} */ ...read) =>
    shell.instance.enter(() => shell.engine.problem(status, JSON.stringify(headers), body ?? new Uint8Array(), ...read));
  let fields = ask();
  if (Array.isArray(fields)) fields = ask(await xml(shell.instance, fields[0], fields[1]));
  return fields && new AuthError({ ...fields, provider: shell.provider }, who.at);
}

/** @param {any} response @param {string[]} names */
function head(response, names) {
  try {
    const { status } = response;
    if (typeof status === "number") {
      const given = names.map((name) => [name, response.headers?.get(name)]);
      return { status, headers: Object.fromEntries(given.filter(([, value]) => typeof value === "string")) };
    }
  } catch {
    // It is none.
  }
  throw invalid("response", "a Response");
}

/**
 * The body of a clone; nothing when it was read already, is too long to be an error, or does not end in time.
 *
 * @param {import("./shell.js").Shell} shell
 * @param {any} response
 * @param {import("./methods.js").Who} who
 * @returns {Promise<Uint8Array | null | undefined>}
 */
function clone(shell, response, { at }) {
  return new Promise((resolve, reject) => {
    /** @type {any} */
    let timer = 0;
    const done = (/** @type {(value: any) => void} */ settle) => (/** @type {any} */ value) => {
      clear(timer);
      settle(value);
    };
    const id = shell.calls.wait({ resolve: done(resolve), reject: done(reject), at }, null);
    const end = (/** @type {Uint8Array | null | undefined} */ bytes) => void shell.calls.settle(id, bytes);
    timer = deadline(() => end(null), shell.about.timeout);
    try {
      read(response.clone()).then(end, () => end(null));
    } catch {
      end(null);
    }
  });
}
