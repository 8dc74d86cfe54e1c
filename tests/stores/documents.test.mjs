/** The document on where sessions live: the tests that it names are there, and it names the same in both languages. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const FOLDERS = ["tests/stores", "tests/browser", "tests/failures"];

/** What the rows of the tables name as their proof. @param {string} document */
function proofs(document) {
  const rows = readFileSync(`${root}docs/${document}`, "utf8").split("\n").filter((line) => line.startsWith("| "));
  return rows.map((row) => row.split("|").at(-2)?.trim() ?? "").filter((proof) => proof.includes(".test.mjs"));
}

/** The files and titles of a proof: "`file.test.mjs`: title… · another title · `other.test.mjs`". @param {string} proof */
function named(proof) {
  let file = "";
  return proof.split(" · ").map((part) => {
    const [, path, title] = /^(?:`([^`]+)`)?(?:: )?(.*?)…?$/.exec(part) ?? [];
    file = path ?? file;
    return { file, title };
  });
}

test("the tests that the document names are there", () => {
  const all = proofs("where-sessions-live.md");
  assert.ok(all.length > 25, `${all.length} rows name a test`);
  for (const { file, title } of all.flatMap(named)) {
    const name = file.split("/").at(-1) ?? "";
    const folders = FOLDERS.filter((folder) => readdirSync(root + folder).includes(name) && (!file.includes("/") || file === `${folder}/${name}`));
    assert.ok(folders.length > 0, `no such file: ${file}`);
    const titles = folders.flatMap((folder) => [...readFileSync(`${root}${folder}/${name}`, "utf8").matchAll(/\b(?:test|rows)\(\s*(?:"([^"]*)"|`([^`]*)`)/g)].map(([, plain, made]) => plain ?? made));
    assert.ok(titles.some((each) => each.includes(title)), `${file} has no test that is called so: ${title}`);
  }
});

test("it names the same in both languages", () => {
  assert.deepEqual(proofs("where-sessions-live.ru.md"), proofs("where-sessions-live.md"));
});
