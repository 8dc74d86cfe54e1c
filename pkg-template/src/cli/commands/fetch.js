import { Buffer } from "node:buffer";
import process from "node:process";
import { exitOfStatus } from "../exits.js";
import { Failure, UsageFault } from "../failure.js";
import { file, piped } from "../input.js";
import { signedIn } from "../sign-in.js";

/** @typedef {import("../context.js").Context} Context */

/** How long the next part of a body is waited for where the option `timeout` says nothing, ms. */
const PATIENCE = 30_000;

/** What `fetch` sends for nobody. */
const FORBIDDEN = ["CONNECT", "TRACE", "TRACK"];

/** @type {import("../context.js").Command} */
export async function fetch(context) {
  const { words, flags, accounts, interrupt, output, texts } = context;
  const [word, path] = words;
  const init = await initOf(context);
  const account = await accounts.named(word);
  const client = await signedIn(context, account, {}, (nobodys) => mayBeCalled(nobodys, path, init));
  // As it came: where it leads is the caller's to follow.
  /** @type {Response} */
  const response = await accounts.patiently(account.service, client.fetch(path, { ...init, redirect: "manual", signal: interrupt.signal }));
  const { status, statusText, headers } = response;
  const parts = partsOf(response, context, Number(account.set.timeout) || PATIENCE);
  if (output.json) {
    const bytes = [];
    for await (const part of parts) bytes.push(part);
    await output.object({ status, headers: objectOf(headers), ...textOf(Buffer.concat(bytes)) });
    return exitOfStatus(status);
  }
  if (flags.include) await output.data(headOf(response));
  for await (const part of parts) await output.data(part);
  if (status >= 400 && !flags.include) {
    if (process.stdout.isTTY) output.note("");
    output.note(texts.answered(status, statusText));
  }
  return exitOfStatus(status);
}

/** A call of nobody goes nowhere, but tells what else is wrong with it. @param {any} client @param {string} path @param {RequestInit} init */
async function mayBeCalled(client, path, init) {
  await client.fetch(path, init).catch((/** @type {any} */ error) => {
    if (error?.code !== "login_required") throw error;
  });
}

/** @param {Context} context @returns {Promise<RequestInit>} */
async function initOf({ flags, interrupt, texts }) {
  const headers = new Headers();
  for (const line of flags.header ?? []) {
    const [, name, value] = /^([^:\s]+)\s*:\s*(.*)$/s.exec(line) ?? [];
    if (name === undefined) throw new UsageFault(texts.fetch.header);
    try {
      headers.append(name, value);
    } catch {
      throw new UsageFault(texts.fetch.header);
    }
  }
  const method = (flags.request ?? (flags.data === undefined ? "GET" : "POST")).toUpperCase();
  if (!/^[A-Z-]+$/.test(method) || FORBIDDEN.includes(method)) throw new UsageFault(texts.fetch.noMethod);
  if (flags.data === undefined) return { method, headers };
  if (["GET", "HEAD"].includes(method)) throw new UsageFault(texts.fetch.noBody(method));
  const [, path] = /^@(.*)$/s.exec(flags.data) ?? [];
  const body = path === undefined ? Buffer.from(flags.data) : path === "-" ? await piped(interrupt) : await file(path, texts);
  if (!headers.has("content-type")) headers.set("content-type", typeOf(body));
  return { method, headers, body: new Uint8Array(body) };
}

/** What a body looks like; else what a form sends, as with curl. @param {Buffer} body */
function typeOf(body) {
  const { text } = decoded(body);
  if (text === null) return "application/octet-stream";
  try {
    if (typeof JSON.parse(text) === "object") return "application/json";
  } catch {
    // Then it is none.
  }
  return "application/x-www-form-urlencoded";
}

/** @param {Response} response */
function headOf({ status, statusText, headers }) {
  const lines = [...headers].map(([name, value]) => `${name}: ${value}`);
  return `${[`HTTP/1.1 ${status}${statusText && ` ${statusText}`}`, ...lines].join("\n")}\n\n`;
}

/** A name that comes several times, which only cookies do, has a list. @param {Headers} headers */
function objectOf(headers) {
  const cookies = headers.getSetCookie();
  return { ...Object.fromEntries(headers), ...(cookies.length > 1 && { "set-cookie": cookies }) };
}

/** @param {Uint8Array} bytes */
function textOf(bytes) {
  const { text } = decoded(bytes);
  return text === null ? { body: Buffer.from(bytes).toString("base64"), bodyEncoding: "base64" } : { body: text };
}

/** @param {Uint8Array} bytes */
function decoded(bytes) {
  try {
    return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { text: null };
  }
}

/**
 * The parts of a body. Throws what tells why the next one does not come.
 *
 * @param {Response} response
 * @param {Context} context
 * @param {number} patience milliseconds
 */
async function* partsOf({ body }, { interrupt, texts }, patience) {
  const reader = body?.getReader();
  try {
    while (reader) {
      const { done, value } = await interrupt.race(inTime(reader.read(), patience, texts));
      if (done) return;
      yield value;
    }
  } catch (cause) {
    if (interrupt.signal.aborted) throw interrupt.signal.reason;
    throw cause instanceof Failure ? cause : new Failure("network", texts.fetch.cutOff, { retryable: true, cause });
  } finally {
    reader?.cancel().catch(() => {});
  }
}

/**
 * @template T
 * @param {Promise<T>} part
 * @param {number} patience
 * @param {import("../texts.js").Texts} texts
 * @returns {Promise<T>}
 */
function inTime(part, patience, texts) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Failure("timeout", texts.fetch.late, { retryable: true })), patience);
    part.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
