/** Tells of a failure: one object, or what happened, what was said, and what to do. */
import { Failure } from "./failure.js";
import { messages } from "./package.js";

/** How an option of `create` is given here. @type {Record<string, string>} */
const OPTIONS = { baseUrl: "--base-url URL", account: "--account NAME" };

/**
 * @param {import("./output.js").Output} output
 * @param {import("./texts.js").Texts} texts
 * @param {any} error
 */
export async function report(output, texts, error) {
  const isOwn = error instanceof Failure;
  const isAuth = error?.[Symbol.for("propusk.AuthError")] === true;
  if (output.json) return output.object({ error: isOwn || isAuth ? error.toJSON() : unexpected(texts, error) });
  const own = [error?.message ?? String(error), error?.hint];
  const lines = isAuth ? await linesOf(texts, error) : isOwn ? own : [texts.unexpected, ...own];
  lines.filter(Boolean).forEach((line, at) => output.say(at === 0 ? `propusk: ${line}` : `  ${line}`));
}

/** @param {import("./texts.js").Texts} texts @param {any} error of the library */
async function linesOf(texts, error) {
  const { fault, code, message, status, providerCode, providerMessage, hint } = error;
  const { userMessage } = await messages();
  const details = [code, status === null ? "" : texts.status(status)].filter(Boolean).join(", ");
  const [, option] = /^option `(\w+)/.exec(message) ?? [];
  return [
    // A sentence for the person at the terminal, but where it is the command line that has to change.
    ...(fault === "caller" ? [message] : [userMessage(error, texts.language), `${message} (${details})`]),
    (providerCode && !message.includes(providerCode)) || (providerMessage && !message.includes(providerMessage)) ? texts.providerSaid(providerCode ?? "", providerMessage ?? "") : null,
    hint,
    option === undefined || option === "provider" ? null : texts.option(OPTIONS[option] ?? `--set ${option}=...`),
  ];
}

/** @param {import("./texts.js").Texts} texts @param {any} error */
function unexpected(texts, error) {
  return new Failure("closed", `${texts.unexpected} ${String(error?.message ?? error)}`).toJSON();
}
