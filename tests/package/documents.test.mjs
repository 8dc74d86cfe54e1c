/** The documents: what stands there is code, links lead somewhere, and both languages say the same. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Pages that there are in English and in Russian, and how many blocks of code they have at least. @type {Record<string, number>} */
const PAGES = { README: 4, "docs/recipes": 20, "docs/services": 10, "docs/reference": 10, "docs/guarantees": 0, "docs/security": 0, "docs/where-sessions-live": 0, "docs/relay": 10, "docs/browsers": 0, "docs/cli": 0, "docs/environments": 0, "sandbox/npm/README": 1 };
const LANGUAGES = ["md", "ru.md"];
/** Of whoever works on the project, in English alone. */
const OTHERS = ["ARCHITECTURE", "CONTRIBUTING", "SECURITY", "CHANGELOG", "docs/releasing", "examples/README", "sandbox/README"];

const text = (/** @type {string} */ name) => readFileSync(join(ROOT, name), "utf8");

/** @typedef {{ loader: "js" | "jsx" | "ts", code: string }} Block */

/** Blocks of code that a compiler can read. @param {string} name @returns {Block[]} */
const blocks = (name) =>
  [...text(name).matchAll(/^```(js|jsx|ts)\n([^]*?)^```$/gm)].map(([, loader, code]) => ({ loader: /** @type {"js"} */ (loader), code }));

/** As a compiler sees it: without comments, and without what texts say. @param {Block} block */
async function compiled({ loader, code }) {
  // What a block shows may stand inside a function, and two ways of the same may stand one below the other.
  const parts = code.includes("export default") ? code.split(/^(?=export default)/m) : [/\breturn\b/.test(code) && !/^(import|export)/m.test(code) ? `async () => {${code}}` : code];
  const made = await Promise.all(parts.map((part) => transform(part, { loader, format: "esm", charset: "utf8", minifyWhitespace: true, jsx: "preserve" })));
  return made.map(({ code }) => code.replaceAll(/"[^"]*"/g, '""').replaceAll(/`[^`]*`/g, (words) => (words.match(/\$\{[^}]*\}/g) ?? []).join(""))).join("");
}

/** What a heading is called in links. @param {string} name */
const places = (name) =>
  new Set([...text(name).matchAll(/^#+ (.+)$/gm)].map(([, title]) => title.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")));

/** Throws where a link leads nowhere. @param {string} name */
function lead(name) {
  for (const [, target] of text(name).matchAll(/\]\(([^)]+)\)/g)) {
    if (/^https?:/.test(target)) continue;
    const [path, place] = target.split("#");
    const file = path ? join(dirname(name), path) : name;
    assert.ok(existsSync(join(ROOT, file)), `${target}: no such file`);
    if (place) assert.ok(places(file).has(place), `${target}: no such place`);
  }
}

for (const name of OTHERS) test(`${name}.md: every link leads somewhere`, () => lead(`${name}.md`));

for (const [page, least] of Object.entries(PAGES)) {
  for (const name of LANGUAGES.map((ending) => `${page}.${ending}`)) {
    test(`${name}: every block is code, and every link leads somewhere`, async () => {
      const found = blocks(name);
      assert.ok(found.length >= least, `${found.length} blocks`);
      for (const block of found) await assert.doesNotReject(compiled(block), block.code);
      lead(name);
    });
  }

  test(`${page}: both languages show the same code and the same tables`, async () => {
    const [english, russian] = LANGUAGES.map((ending) => `${page}.${ending}`);
    const codes = await Promise.all([english, russian].map((name) => Promise.all(blocks(name).map(compiled))));
    assert.deepEqual(codes[1], codes[0]);
    // Rows by what begins them, where that is names of the program and no words.
    // A word that stands for something of the reader's is in the reader's language.
    const bare = (/** @type {string} */ cell) => cell.replaceAll(/<[^>]*>/g, "<>").replaceAll(/\[[^\]]*\]/g, "[]");
    const isNames = (/** @type {string} */ cell) => /^[\s,*]*$/.test(cell.replaceAll(/`[^`]*`/g, ""));
    const rows = (/** @type {string} */ name) => [...text(name).matchAll(/^\| ([^|]*) \|/gm)].map(([, first]) => (isNames(first) ? bare(first) : "|"));
    assert.deepEqual(rows(russian), rows(english));
  });
}

test("one word for one thing: the Russian pages say «сессия» and «продление»", () => {
  for (const page of Object.keys(PAGES)) assert.doesNotMatch(text(`${page}.ru.md`), /сеанс|промисом обновления|обновит токен|обновление токена/i, page);
});
