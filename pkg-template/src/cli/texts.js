/** What people read, in English or Russian, as their system is set. */
import process from "node:process";
import en from "./texts/en.js";
import ru from "./texts/ru.js";

/** @typedef {typeof import("./texts/en.js").default} Texts */

/** @returns {Texts} */
export function textsHere() {
  const { LC_ALL, LC_MESSAGES, LANG } = process.env;
  // An empty variable is as good as none (POSIX).
  const language = LC_ALL || LC_MESSAGES || LANG || "";
  return /^ru(?![a-z\d])/i.test(language) ? ru : en;
}
