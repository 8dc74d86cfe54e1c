/** The recipes, and what is told of the relay: what stands there is code, and the same in both languages. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";

/** Texts in two languages, and how many blocks of code there are at least. @type {[string, string, number][]} */
const TEXTS = [["recipes.md", "recipes.ru.md", 20], ["relay.md", "relay.ru.md", 10]];
const path = (/** @type {string} */ name) => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));
const text = (/** @type {string} */ name) => readFileSync(path(name), "utf8");

/** Blocks of code that a compiler can read. @param {string} name @returns {{ loader: "js" | "jsx" | "ts", code: string }[]} */
const blocks = (name) =>
  [...text(name).matchAll(/^```(js|jsx|ts)\n([^]*?)^```$/gm)].map(([, loader, code]) => ({ loader: /** @type {"js"} */ (loader), code }));

/** As a compiler sees it: without comments, and without what texts say. @param {{ loader: "js" | "jsx" | "ts", code: string }} block */
async function compiled({ loader, code }) {
  // What a block shows may stand inside a function, and two ways of the same may stand one below the other.
  const parts = code.includes("export default") ? code.split(/^(?=export default)/m) : [/\breturn\b/.test(code) && !/^(import|export)/m.test(code) ? `async () => {${code}}` : code];
  const made = await Promise.all(parts.map((part) => transform(part, { loader, format: "esm", charset: "utf8", minifyWhitespace: true, jsx: "preserve" })));
  return made.map(({ code }) => code.replaceAll(/"[^"]*"/g, '""')).join("");
}

for (const [name, least] of TEXTS.flatMap(([english, russian, least]) => /** @type {[string, number][]} */ ([[english, least], [russian, least]]))) {
  test(`${name}: every block is code, and every link inside leads somewhere`, async () => {
    const found = blocks(name);
    assert.ok(found.length >= least, `${found.length} blocks`);
    for (const block of found) await assert.doesNotReject(compiled(block), block.code);
    const places = new Set([...text(name).matchAll(/^#+ (.+)$/gm)].map(([, title]) => title.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")));
    for (const [, place] of text(name).matchAll(/\]\(#([^)]+)\)/g)) assert.ok(places.has(place), place);
    for (const [, file] of text(name).matchAll(/\]\(([\w.-]+\.md)/g)) assert.ok(existsSync(path(file)), file);
  });
}

for (const [english, russian] of TEXTS) {
  test(`${english}: both languages show the same code`, async () => {
    const [first, second] = await Promise.all([english, russian].map((name) => Promise.all(blocks(name).map(compiled))));
    assert.deepEqual(second, first);
  });
}
