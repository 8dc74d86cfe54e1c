/** A page of the repository as a page of the site. */
import { posix } from "node:path";
import { PAGES } from "./pages.mjs";

/** @typedef {import("./pages.mjs").Page} Page */

/** The list of contents that long pages have: the site has one at the side of each. */
const CONTENTS = /\n(?:[ ]*- \[[^\n]+\]\(#[^\n]+\n)+/g;

/** The line that leads to the other language: the site has a menu. */
const OTHER = /\s*(?:По-русски: |In English: )?\[(?:По-русски|In English|[\w-]+(?:\.ru)?\.md)\]\([\w./-]+\)(?=\n)/;

/**
 * @param {string} text
 * @param {Page} page
 */
export function forSite(text, page) {
  const [head, ...rest] = text.split(/(?<=\n)(?=## )/);
  const body = [head.replace(OTHER, "").replace(CONTENTS, "\n"), ...rest].join("");
  return outsideCode(body, (part) => part.replace(/\]\((?!https?:|mailto:|#)([^)\s]+)\)/g, (_, target) => `](${linked(target, page)})`)).replace(
    /\[([^\]]+)\]\(unlinked\)/g,
    "$1",
  );
}

/** Stands in Russian for a page that there is in English alone. @param {string} path of that */
export function onlyEnglish(path) {
  const link = `/${path.replace(/(^|\/)index\.md$/, "$1").replace(/\.md$/, "")}`;
  return `---\nsearch: false\nprev: false\nnext: false\n---\n\n# Только по-английски\n\nЭта страница есть только на английском языке: [открыть](${link}).\n`;
}

/** @param {string} target @param {Page} page */
function linked(target, { file, path }) {
  const [name, anchor] = target.split("#");
  const found = PAGES.find((page) => page.file === posix.normalize(posix.join(posix.dirname(file), name)));
  if (!found) return "unlinked";
  const way = posix.relative(posix.dirname(path), found.path);
  return (way.startsWith(".") ? way : `./${way}`) + (anchor ? `#${anchor}` : "");
}

/** @param {string} text @param {(part: string) => string} change */
function outsideCode(text, change) {
  return text
    .split(/(^```[\s\S]*?^```|`[^`\n]*`)/m)
    .map((part, at) => (at % 2 ? part : change(part)))
    .join("");
}

/** Anchors as repositories show them: letters of every alphabet, as they are. @param {string} title */
export function slug(title) {
  return title
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");
}
