/** Tells of a failure: one object, or what happened, what was said, and what to do. */
import { Failure } from "./failure.js";
import { messages } from "./package.js";

/** How an option of `create` is given here. @type {Record<string, string>} */
const OPTIONS = { baseUrl: "--base-url URL", account: "--account NAME", allowInsecure: "--set allowInsecure=true" };

/** Those that have a place in a command line; `provider` is the word after the command. */
const OPTION = /(?:option `(?!provider)|(?=`(?:baseUrl|allowInsecure|allowedOrigins|timeout)\b)`)(\w+)/;

/**
 * @param {import("./output.js").Output} output
 * @param {import("./texts.js").Texts} texts
 * @param {any} error
 * @param {string | null} signIn what to do where a sign-in is needed
 */
export async function report(output, texts, error, signIn) {
  const isOwn = error instanceof Failure;
  const isAuth = error?.[Symbol.for("propusk.AuthError")] === true;
  if (output.json) return output.object({ error: isOwn || isAuth ? error.toJSON() : unexpected(texts, error) });
  const own = [error?.message ?? String(error), error?.hint];
  const lines = isAuth ? await linesOf(texts, error, signIn) : isOwn ? own : [texts.unexpected, ...own];
  lines.filter(Boolean).forEach((line, at) => output.say(at === 0 ? `propusk: ${line}` : `  ${line}`));
}

/**
 * @param {import("./texts.js").Texts} texts
 * @param {any} error of the library
 * @param {string | null} signIn
 */
async function linesOf(texts, error, signIn) {
  const { fault, code, message, status, providerCode, providerMessage, hint } = error;
  const { userMessage } = await messages();
  const details = [code, status === null ? "" : texts.status(status)].filter(Boolean).join(", ");
  const isSaid = (/** @type {string | null} */ text) => !text || message.includes(text);
  return [
    // A sentence for the person at the terminal, but where it is the command line or this machine that has to change.
    ...(fault === "caller" || fault === "storage" ? [message] : [userMessage(error, texts.language), `${message} (${details})`]),
    isSaid(providerCode) && isSaid(providerMessage) ? null : texts.providerSaid(providerCode ?? "", providerMessage ?? ""),
    code === "login_required" && signIn ? signIn : hint,
    optionLine(texts, fault === "caller" ? message : "", hint ?? ""),
  ];
}

/** How an option that the library names is given here. @param {import("./texts.js").Texts} texts @param {string} message @param {string} hint */
function optionLine(texts, message, hint) {
  const [, option] = OPTION.exec(hint) ?? OPTION.exec(message) ?? [];
  return option === undefined ? null : texts.option(OPTIONS[option] ?? `--set ${option}=...`);
}

/** @param {import("./texts.js").Texts} texts @param {any} error */
function unexpected(texts, error) {
  return new Failure("closed", `${texts.unexpected} ${String(error?.message ?? error)}`).toJSON();
}
