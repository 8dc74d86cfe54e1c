/**
 * Makes the site of the pages in `docs`: English at /, Russian at /ru/, the reference of the declarations at /api/.
 *
 *     node website/build.mjs                 to target/website/dist
 *     node website/build.mjs --serve [port]  and serves it on the loopback interface
 *
 * The pages stay as they read in the repository; here they get the names and links that they have on the site.
 */
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { build, serve } from "vitepress";
import { anchors } from "./anchors.mjs";
import { ENTRIES, reference } from "./api.mjs";
import { PAGES, ROOT, SITE, SOURCE } from "./pages.mjs";
import { forSite, onlyEnglish } from "./text.mjs";

const { values } = parseArgs({ options: { serve: { type: "boolean" }, port: { type: "string", default: "4174" } } });

await rm(SOURCE, { recursive: true, force: true });
for (const page of PAGES) {
  const text = forSite(await readFile(join(ROOT, page.file), "utf8"), page);
  await mkdir(dirname(join(SOURCE, page.path)), { recursive: true });
  await writeFile(join(SOURCE, page.path), text);
}
await reference(join(SOURCE, "api"));
// The menu of languages leads from each page to the same one in the other language.
const english = PAGES.filter(({ name }) => !PAGES.some((page) => page.lang === "ru" && page.name === name)).map(({ path }) => path);
for (const path of [...english, "api/index.md", ...Object.keys(ENTRIES).map((name) => `api/${name}.md`)]) {
  await mkdir(dirname(join(SOURCE, "ru", path)), { recursive: true });
  await writeFile(join(SOURCE, "ru", path), onlyEnglish(path));
}
// What the pages are compiled to imports Vue from where they are.
await rm(join(SOURCE, "../node_modules"), { recursive: true, force: true });
await symlink(join(ROOT, "website/node_modules"), join(SOURCE, "../node_modules"), "junction");
const here = import.meta.dirname ?? dirname(new URL(import.meta.url).pathname);
await build(here);
await anchors(SITE);
console.log(`the site is in ${SITE}`);
if (values.serve) {
  const port = Number(values.port);
  await serve({ root: here, port });
  console.log(`http://127.0.0.1:${port}/  (Ctrl-C ends it)`);
}
