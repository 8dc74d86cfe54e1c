/** Which texts of the repository are pages of the site, and where they stand there. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
export const SOURCE = join(ROOT, "target/website/source");
export const SITE = join(ROOT, "target/website/dist");

/** @typedef {{ file: string, path: string, lang: "en" | "ru", name: string }} Page */

/** In the order in which they are read; in both languages, but for those of whoever works on the project. */
const BOTH = {
  start: "README",
  services: "docs/services",
  reference: "docs/reference",
  recipes: "docs/recipes",
  relay: "docs/relay",
  cli: "docs/cli",
  sandbox: "sandbox/npm/README",
  guarantees: "docs/guarantees",
  "where-sessions-live": "docs/where-sessions-live",
  environments: "docs/environments",
  browsers: "docs/browsers",
  security: "docs/security",
};
const ENGLISH = { examples: "examples/README", architecture: "ARCHITECTURE", contributing: "CONTRIBUTING", releasing: "docs/releasing", reporting: "SECURITY", changelog: "CHANGELOG" };
const HOME = { index: "website/home" };

/** @param {Record<string, string>} names @param {"en" | "ru"} lang @returns {Page[]} */
const pagesOf = (names, lang) =>
  Object.entries(names).map(([name, file]) => ({
    name,
    lang,
    file: `${file}${lang === "ru" ? ".ru" : ""}.md`,
    path: `${lang === "ru" ? "ru/" : ""}${name}.md`,
  }));

export const PAGES = [...pagesOf({ ...HOME, ...BOTH, ...ENGLISH }, "en"), ...pagesOf({ ...HOME, ...BOTH }, "ru")];

/** What the list at the side has. */
export const SIDE = {
  use: ["start", "services", "recipes", "relay", "cli", "sandbox", "examples"],
  know: ["reference", "guarantees", "where-sessions-live", "environments", "browsers", "security", "changelog"],
  work: ["architecture", "contributing", "releasing", "reporting"],
};
