/** A TypeScript program written against the contract alone signs in from a page, through the package as it is installed. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { RESOLUTIONS, SHARED, compile, folder } from "../support/compile.mjs";
import { decide } from "./support/desk.mjs";
import { stage } from "./support/stage.mjs";

const out = join(folder, "page");
// Compiled against the contract where it is there: nothing that only the package has can have helped.
const said = await compile("page", { options: RESOLUTIONS.bundler, contract: Boolean(SHARED), files: ["page.ts"], out });

const PAGE = `<!doctype html><meta charset="utf-8"><title>program</title><link rel="icon" href="data:,">
<script>
  // What the program needs for its word using in an engine that does not know it yet.
  Symbol.dispose ??= Symbol("Symbol.dispose");
  Symbol.asyncDispose ??= Symbol("Symbol.asyncDispose");
</script>
<script type="importmap">{ "imports": { "propusk": "/node_modules/propusk/dist/index.js" } }</script>
<script type="module" src="/page.js"></script>`;

const { open } = await stage({ "/program.html": PAGE, "/page.js": said ? "" : readFileSync(join(out, "page.js"), "utf8") });

test("the program compiles", () => {
  assert.equal(said, "");
});

for (const service of ["bifit-kassa", "invoicebox", "mobile-smarts", "bstats", "smart-satu"]) {
  test(`${service}: the program signs in and calls`, async (t) => {
    const page = await open(t, `program.html?service=${service}`);
    if (service === "bstats") await decide(page, "Allow");
    const { session, status, failed } = await (await page.waitForFunction("globalThis.outcome")).jsonValue();
    assert.equal(failed, undefined);
    assert.deepEqual([session.provider, status], [service, 200]);
  });
}
