/** The command line: which command, and what goes with it. What is not known is refused, with what was probably meant. */
import { parseArgs } from "node:util";
import { UsageFault } from "./failure.js";
import { nearest } from "./nearest.js";

/** @typedef {{ type: "string" | "boolean", short?: string, multiple?: boolean }} Option */
/** @typedef {{ command: string | null, words: string[], flags: Record<string, any>, wantsHelp: boolean, wantsVersion: boolean }} Line */

/** @type {Option} */
const FLAG = { type: "boolean" };
/** @type {Option} */
const VALUE = { type: "string" };
/** @type {Option} */
const VALUES = { type: "string", multiple: true };

/** @type {Record<string, Option>} */
const EVERYWHERE = { json: FLAG, quiet: { ...FLAG, short: "q" }, help: { ...FLAG, short: "h" }, version: { ...FLAG, short: "V" } };

/** @type {Record<string, Option>} */
const OF_A_SERVICE = { account: VALUE, "base-url": VALUE, set: VALUES };

/**
 * Words, least and most, and options of their own.
 *
 * @type {Record<string, { words: [least: number, most: number], options: Record<string, Option> }>}
 */
export const COMMANDS = {
  login: { words: [1, 1], options: { ...OF_A_SERVICE, stdin: FLAG } },
  token: { words: [1, 1], options: { ...OF_A_SERVICE, "min-validity": VALUE, header: FLAG } },
  fetch: {
    words: [2, 2],
    options: {
      ...OF_A_SERVICE,
      request: { ...VALUE, short: "X" },
      data: { ...VALUE, short: "d" },
      header: { ...VALUES, short: "H" },
      include: { ...FLAG, short: "i" },
    },
  },
  whoami: { words: [0, 1], options: OF_A_SERVICE },
  sessions: { words: [0, 0], options: {} },
  logout: { words: [1, 1], options: { ...OF_A_SERVICE, all: FLAG } },
  providers: { words: [0, 1], options: {} },
  "check-profile": { words: [1, 1], options: { ...OF_A_SERVICE, stdin: FLAG, try: FLAG } },
};

/** The options of all commands. @type {Record<string, Option>} */
const ANYWHERE = Object.assign({}, ...Object.values(COMMANDS).map(({ options }) => options), { header: COMMANDS.fetch.options.header }, EVERYWHERE);

/** What people try, since other programs have it: secrets have no place in a command line. */
const SECRETS = ["username", "user", "password", "pass", "token", "secret", "code", "login"];

/**
 * @param {string[]} args
 * @param {import("./texts.js").Texts} texts
 * @returns {Line}
 */
export function readLine(args, texts) {
  const { usage } = texts;
  const { tokens } = parse(args, ANYWHERE);
  const words = tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : []));
  const has = (/** @type {string} */ name) => tokens.some((token) => token.kind === "option" && token.name === name);
  let [command] = words;
  // What stands behind an option that nobody knows may be its value, and a secret: it is not taken for the command.
  const first = tokens.findIndex((token) => token.kind === "positional");
  const stranger = tokens.slice(0, first < 0 ? undefined : first).find((token) => token.kind === "option" && !Object.hasOwn(ANYWHERE, token.name));
  if (stranger?.kind === "option") throw unknownOption(stranger.rawName, ANYWHERE, usage);
  if (command === "help") {
    const [, about = null] = words;
    if (about !== null) known(about, usage);
    return { command: about, words: [], flags: {}, wantsHelp: true, wantsVersion: false };
  }
  if (command === undefined) {
    if (has("help") || has("version")) return { command: null, words: [], flags: {}, wantsHelp: has("help"), wantsVersion: has("version") };
    throw new UsageFault(usage.noCommand(Object.keys(COMMANDS)), usage.seeHelp(null));
  }
  if (first > 0 && !Object.hasOwn(COMMANDS, command)) throw new UsageFault(usage.noCommand(Object.keys(COMMANDS)), usage.seeHelp(null));
  command = known(command, usage);
  const { words: [least, most], options } = COMMANDS[command];
  const table = { ...EVERYWHERE, ...options };
  const line = parse(args, table);
  for (const token of line.tokens) if (token.kind === "option") check(token, table, line.tokens, usage);
  const rest = line.positionals.slice(1);
  const flags = /** @type {Record<string, any>} */ (line.values);
  const wantsHelp = flags.help === true;
  if (!wantsHelp && rest.length < least) throw new UsageFault(usage.tooFew(command, rest.length), usage.seeHelp(command));
  // They are not repeated: one of them may be a password.
  if (!wantsHelp && rest.length > most) throw new UsageFault(usage.tooMany(command, most), command === "login" ? usage.noSecrets : usage.seeHelp(command));
  return { command, words: rest, flags, wantsHelp, wantsVersion: flags.version === true };
}

/** @param {string[]} args @param {Record<string, Option>} options */
function parse(args, options) {
  return parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true });
}

/** @param {string} command @param {import("./texts.js").Texts["usage"]} usage */
function known(command, usage) {
  if (Object.hasOwn(COMMANDS, command)) return command;
  throw new UsageFault(usage.unknownCommand(command), usage.didYouMean(nearest(command, Object.keys(COMMANDS)), Object.keys(COMMANDS)));
}

/**
 * @param {any} token
 * @param {Record<string, Option>} table
 * @param {any[]} tokens
 * @param {import("./texts.js").Texts["usage"]} usage
 */
function check({ name, rawName, value, inlineValue }, table, tokens, usage) {
  const option = Object.hasOwn(table, name) ? table[name] : null;
  if (!option) throw unknownOption(rawName, table, usage);
  if (option.type === "boolean") {
    if (value !== undefined) throw new UsageFault(usage.noValue(rawName));
    return;
  }
  if (value === undefined) throw new UsageFault(usage.needsValue(rawName));
  // What looks like an option was hardly meant as a value.
  if (!inlineValue && value.length > 1 && value.startsWith("-")) throw new UsageFault(usage.needsValue(rawName), usage.inline(`--${name}`));
  const isRepeated = tokens.filter((other) => other.kind === "option" && other.name === name).length > 1;
  if (isRepeated && !option.multiple) throw new UsageFault(usage.twice(rawName));
}

/** @param {string} rawName @param {Record<string, Option>} table @param {import("./texts.js").Texts["usage"]} usage */
function unknownOption(rawName, table, usage) {
  if (SECRETS.includes(rawName.replace(/^-+/, ""))) return new UsageFault(usage.unknownOption(rawName), usage.noSecrets);
  const names = Object.keys(table).map((name) => `--${name}`);
  return new UsageFault(usage.unknownOption(rawName), usage.didYouMean(nearest(rawName, names), names));
}
