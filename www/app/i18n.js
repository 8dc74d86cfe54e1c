/** Which language is spoken, and the texts in it. */
import en from "./texts/en.js";
import ru from "./texts/ru.js";

/** @type {Record<string, Record<string, any>>} */
const TEXTS = { en, ru };

let language = remembered() ?? (navigator.language.startsWith("ru") ? "ru" : "en");

/** The text for a key in the language spoken now. */
export function t(key, ...args) {
  const text = TEXTS[language][key];
  return typeof text === "function" ? text(...args) : text;
}

/** The same as something to be asked again when the language changes. */
export const say = (key, ...args) => () => t(key, ...args);

export const number = (value, options = {}) => new Intl.NumberFormat(language, options).format(value);

export const spoken = () => language;

export function speak(chosen) {
  language = chosen;
  localStorage.setItem("propusk-demo.language", chosen);
}

function remembered() {
  const chosen = localStorage.getItem("propusk-demo.language");
  return chosen && Object.hasOwn(TEXTS, chosen) ? chosen : null;
}
