import process from "node:process";
import { Accounts } from "./account.js";
import { readLine } from "./arguments.js";
import { exitOf, DONE, OTHER } from "./exits.js";
import { BrokenPipe, Failure } from "./failure.js";
import { Interrupt } from "./interrupt.js";
import { Output } from "./output.js";
import { report } from "./report.js";
import { textsHere } from "./texts.js";
import { checkProfile } from "./commands/check-profile.js";
import { fetch } from "./commands/fetch.js";
import { login } from "./commands/login.js";
import { logout } from "./commands/logout.js";
import { providers } from "./commands/providers.js";
import { sessions } from "./commands/sessions.js";
import { token } from "./commands/token.js";
import { whoami } from "./commands/whoami.js";

/** @type {Record<string, import("./context.js").Command>} */
const COMMANDS = { login, token, fetch, whoami, sessions, logout, providers, "check-profile": checkProfile };

/** @returns {Promise<number>} the exit status */
async function run() {
  const args = process.argv.slice(2);
  const texts = textsHere();
  const has = (/** @type {string[]} */ names) => args.some((arg) => names.includes(arg));
  // Also a line that cannot be read is told as it asks to be.
  const output = new Output({ json: has(["--json"]), quiet: has(["--quiet", "-q"]) });
  const interrupt = new Interrupt(texts.interrupted);
  /** @type {Accounts | undefined} */
  let accounts;
  /** @type {string | null} */
  let signIn = null;
  try {
    const { command, words, flags, wantsHelp, wantsVersion } = readLine(args, texts);
    if (wantsHelp || wantsVersion) {
      await output.data(wantsHelp ? texts.help[command ?? ""] : `${__VERSION__}\n`);
      return DONE;
    }
    if (words.length > 0) signIn = texts.signIn(words[0], flags.account ?? "default");
    /** @type {any} */
    const context = { words, flags, texts, output, interrupt };
    context.accounts = accounts = new Accounts(context);
    return await COMMANDS[command ?? ""](context);
  } catch (thrown) {
    const error = interrupt.signal.aborted ? interrupt.signal.reason : thrown;
    // Whoever had enough of the output has no use for a word about it.
    if (error instanceof BrokenPipe) return DONE;
    await report(output, texts, error, signIn).catch(() => {});
    return isKnown(error) ? exitOf(error) : OTHER;
  } finally {
    interrupt.undo();
    await accounts?.end();
    await output.flush();
  }
}

/** @param {any} error */
function isKnown(error) {
  return error instanceof Failure || error?.[Symbol.for("propusk.AuthError")] === true;
}

process.exit(await run());
