/** Links of the site that lead to a place in a page: the generator looks at the pages alone. */
import { readFile, readdir } from "node:fs/promises";
import { join, posix, sep } from "node:path";

/** @param {string} site Throws what leads nowhere. */
export async function anchors(site) {
  const files = (await readdir(site, { recursive: true })).filter((file) => file.endsWith(".html"));
  /** @type {Map<string, { ids: Set<string>, links: string[] }>} */
  const pages = new Map();
  for (const file of files) {
    const html = await readFile(join(site, file), "utf8");
    const ids = new Set([...html.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id));
    const links = [...html.matchAll(/\bhref="([^"]*#[^"]+)"/g)].map(([, link]) => link);
    pages.set(`/${file.split(sep).join("/")}`, { ids, links });
  }
  const dead = [];
  for (const [page, { links }] of pages) {
    for (const link of links) {
      if (/^[a-z]+:/.test(link)) continue;
      const [path, anchor] = link.split("#");
      const target = path ? posix.resolve(posix.dirname(page), path) : page;
      const found = pages.get(target) ?? pages.get(`${target}.html`) ?? pages.get(posix.join(target, "index.html"));
      if (!found?.ids.has(decodeURIComponent(anchor))) dead.push(`${page}: ${decodeURIComponent(link)}`);
    }
  }
  if (dead.length > 0) throw new Error(`links that lead nowhere:\n${[...new Set(dead)].join("\n")}`);
}
