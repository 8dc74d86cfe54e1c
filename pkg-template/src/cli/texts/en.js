import { help } from "./help-en.js";

/** @param {number} n @param {string} unit */
const count = (n, unit) => `${n} ${unit}${n === 1 ? "" : "s"}`;
const SEEN = "What stands in a command line can be seen by other users and stays in the shell's history.";

/** @type {Record<string, string>} */
const labels = { username: "User name", password: "Password", token: "Token" };

export default {
  language: "en",
  help,
  interrupted: "Interrupted.",
  unexpected: "Something went wrong that should not have. Please report it.",
  nobody: (/** @type {string} */ id, /** @type {string} */ account) => `Nobody is signed in to ${id}${account === "default" ? "" : ` as account ${account}`}.`,
  nobodyAnywhere: "Nobody is signed in.",
  signIn: (/** @type {string} */ word, /** @type {string} */ account) => `Sign in: propusk login ${word}${account === "default" ? "" : ` --account ${account}`}`,
  signInSomewhere: "Sign in: propusk login <service>",
  option: (/** @type {string} */ option) => `On the command line: ${option}`,
  providerSaid: (/** @type {string} */ code, /** @type {string} */ message) => `The service said: ${[code, message].filter(Boolean).join(": ")}`,
  status: (/** @type {number} */ status) => `HTTP ${status}`,
  warning: (/** @type {string} */ message) => `Warning: ${message}`,
  answered: (/** @type {number} */ status, /** @type {string} */ text) => `The service answered ${status}${text && ` ${text}`}.`,
  never: "no end known",
  usage: {
    noAddress: "--base-url takes a whole address, such as https://host/path.",
    noCommand: (/** @type {string[]} */ commands) => `Which command? There are: ${commands.join(", ")}.`,
    seeHelp: (/** @type {string | null} */ command) => `See: propusk ${command ? `${command} ` : ""}--help`,
    unknownCommand: (/** @type {string} */ command) => `There is no command \`${command}\`.`,
    unknownOption: (/** @type {string} */ option) => `There is no option \`${option}\` here.`,
    didYouMean: (/** @type {string | null} */ one, /** @type {string[]} */ all) => (one ? `Did you mean ${one}?` : `There are: ${all.join(", ")}.`),
    tooFew: (/** @type {string} */ command, /** @type {number} */ given) =>
      command === "check-profile" ? "Which file?" : command === "fetch" && given > 0 ? "Which path?" : `\`${command}\` needs a service.`,
    tooMany: (/** @type {string} */ command, /** @type {number} */ most) => `\`${command}\` takes ${most === 0 ? "no words" : count(most, "word")} after it, and there are more.`,
    noSecrets: `Secrets are asked for, or come by --stdin or the environment. ${SEEN}`,
    noValue: (/** @type {string} */ option) => `The option \`${option}\` takes no value.`,
    needsValue: (/** @type {string} */ option) => `The option \`${option}\` needs a value.`,
    inline: (/** @type {string} */ option) => `A value that begins with "-" is written ${option}=-...`,
    twice: (/** @type {string} */ option) => `The option \`${option}\` is given twice.`,
    noAccount: "--account needs a name.",
    seconds: "--min-validity takes a whole number of seconds, 0 or more.",
  },
  set: {
    noPair: "--set takes option=value.",
    pair: "For instance: --set timeout=5000",
    notHere: (/** @type {string} */ name) => `--set cannot set \`${name}\`.`,
    instead: (/** @type {string} */ option) => `Use ${option}.`,
    twice: (/** @type {string} */ name) => `--set gives \`${name}\` twice.`,
  },
  input: {
    nothingPiped: "--stdin reads from a pipe, and this is a terminal.",
    pipeIt: 'For instance: propusk login bifit-kassa --stdin < file, with {"username": "...", "password": "..."} in it.',
    unreadableStdin: "What is piped cannot be read.",
    tooLong: "What is piped is longer than 1 MiB.",
    noJson: "What is piped is no JSON.",
    noObject: "What is piped is no JSON object.",
    noText: (/** @type {string} */ name) => `The member \`${name}\` of what is piped is no text.`,
    unreadable: (/** @type {string} */ path, /** @type {string} */ why) => `The file ${path} cannot be read: ${why}.`,
    reasons: /** @type {Record<string, string>} */ ({ ENOENT: "there is none", EACCES: "you have no right to", EISDIR: "it is a folder" }),
  },
  service: {
    unknown: (/** @type {string} */ word) => `There is no service \`${word}\`.`,
    noProfile: (/** @type {string} */ path) => `${path} holds no profile.`,
    checkIt: (/** @type {string} */ path) => `See what is wrong: propusk check-profile ${path}`,
    noJson: (/** @type {string} */ path, /** @type {number[] | null} */ at) => `${path} is no JSON${at ? `: see line ${at[0]}, column ${at[1]}` : ""}.`,
    cannotImport: (/** @type {string} */ path, /** @type {string} */ why) => `${path} cannot be imported${why && `: ${why}`}.`,
    noExport: (/** @type {string} */ path) => `${path} has no default export.`,
  },
  login: {
    label: (/** @type {string} */ name, /** @type {boolean} */ isPhone) => (isPhone ? "Phone number" : (labels[name] ?? name)),
    code: "Confirmation code",
    codeAgain: "That code was not accepted.",
    nothingToAsk: "There is no terminal to ask at.",
    howElse: (/** @type {string[]} */ names) => `Pipe them in with --stdin: {${names.map((name) => `"${name}": "..."`).join(", ")}}`,
    noAnswer: (/** @type {string} */ question) => `Nothing was answered to: ${question}`,
    inputEnded: "The input has ended.",
    fromEnvironment: (/** @type {string[]} */ names) => `Taken from the environment: ${names.join(", ")}. Every program that is started there can read it.`,
    done: (/** @type {string} */ id, /** @type {string} */ account, /** @type {string | null} */ subject, /** @type {string} */ until) =>
      `Signed in to ${id}${subject ? ` as ${subject}` : ""}${account === "default" ? "" : `, account ${account}`} (${until}).`,
    notKept: (/** @type {string} */ id) =>
      `${id} signs every call with the credentials themselves, so they are not kept: \`fetch\` and \`token --header\` ask for them, or take them from PROPUSK_USERNAME and PROPUSK_PASSWORD.`,
    until: (/** @type {string} */ moment) => `valid until ${moment}`,
    visit: "Sign in with your browser at this address:",
    opened: "(The browser should open it by itself.)",
    waits: (/** @type {string} */ place) => `Waiting for you at ${place}`,
    tooLate: (/** @type {number} */ minutes) => `Nobody came back from the sign-in page within ${count(minutes, "minute")}.`,
    cannotListen: (/** @type {string} */ place, /** @type {string} */ why) => `Nobody can listen at ${place}: ${why}.`,
    noLoopback: "`redirectUri` is no address of this machine with a port.",
    loopback: "For instance: --set redirectUri=http://127.0.0.1:8765/callback",
  },
  page: {
    done: "You are signed in. This window can be closed.",
    failed: "The sign-in did not succeed. The terminal says why.",
    unexpected: "Nobody waits for this answer.",
  },
  fetch: {
    header: "-H takes 'Name: value'.",
    late: "The answer stopped coming.",
    noMethod: "-X takes a method such as GET, POST, PUT, PATCH or DELETE.",
    noBody: (/** @type {string} */ method) => `A ${method} request has no body: leave out -d, or choose another method.`,
    cutOff: "The answer broke off.",
  },
  token: {
    noHeader: "This service takes its credential in the address, so there is no header for it.",
    useFetch: "Use: propusk fetch",
  },
  sessions: { head: ["service", "account", "subject", "valid until", "renewable"], yes: "yes", no: "no", none: "There are no sessions." },
  logout: {
    done: (/** @type {string} */ id, /** @type {string[]} */ accounts) => `Signed out of ${id}: ${accounts.join(", ")}.`,
    nobody: (/** @type {string} */ id) => `Nobody was signed in to ${id}.`,
  },
  profile: {
    onlyWithTry: (/** @type {string} */ option) => `${option} goes with --try.`,
    faultless: "The profile has no faults.",
    faults: (/** @type {number} */ n) => `${count(n, "fault")}.`,
    sent: "Sent:",
    understood: "Understood:",
    header: "header",
    form: "form",
    json: "JSON",
  },
  waiting: {
    lock: "Waiting for another process that renews this session ...",
    busy: (/** @type {string} */ id) => `${id} is busy; it is asked again ...`,
    answer: (/** @type {string} */ id) => `Waiting for ${id} ...`,
  },
};
