/** Tries the environments, all or those that are named, tells how each went, and writes it down in the matrix. */
import { start } from "../support/sandbox.mjs";
import { environments } from "./list.mjs";
import { browserVersion, closeBrowser } from "./support/browser.mjs";
import { versionOf } from "./support/fixture.mjs";
import { kitOf, NotHere } from "./support/kit.mjs";
import { listed, writeMatrix } from "./support/matrix.mjs";

const { isWritten, names } = argumentsOf(process.argv.slice(2));

/** @param {string[]} given */
function argumentsOf(given) {
  const isWritten = !given.includes("--no-matrix");
  const names = given.filter((word) => word !== "--no-matrix");
  const unknown = names.filter((name) => !Object.hasOwn(environments, name));
  if (unknown.length) {
    console.error(`no environment is called ${unknown.join(", ")}; there are: ${Object.keys(environments).join(", ")}`);
    process.exit(2);
  }
  return { isWritten, names: names.length ? names : Object.keys(environments) };
}

// What was started ends with this process, also when it is told to end.
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.once(signal, () => process.exit(130));

const seconds = (/** @type {number} */ since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;
const started = performance.now();
const box = await start();
/** @type {import("./support/matrix.mjs").Row[]} */
const rows = [];
try {
  for (const [at, name] of names.entries()) {
    const { of, rows: tries, ...wants } = environments[name];
    console.log(`▸ ${at + 1} of ${names.length}: ${name}`);
    const begun = performance.now();
    /** @type {import("./support/kit.mjs").Kit | Error} */
    const kit = await kitOf(name, wants, { control: box.control, services: box.services }).catch((error) => error);
    for (const [title, attempt] of Object.entries(tries)) {
      const since = performance.now();
      const row = { title, name, version: "", ran: /** @type {string[]} */ ([]), failed: /** @type {string | null} */ (null), lacking: /** @type {{ en: string, ru: string } | null} */ (null) };
      try {
        if (kit instanceof Error) throw kit;
        row.version = of ? versionOf(name, of) : await browserVersion();
        await box.reset();
        row.ran = await attempt(kit);
        console.log(`✓ ${title} ${row.version}: ${listed(row.ran)} (${seconds(since)})`);
      } catch (error) {
        if (error instanceof NotHere) {
          row.lacking = error.reasons;
          console.log(`– ${title}: ${error.message}`);
        } else {
          row.failed = error.message;
          console.log(`✗ ${title} ${row.version} (${seconds(since)})\n${error.message}`);
        }
      }
      rows.push(row);
    }
    console.log(`  ${name}: ${seconds(begun)}`);
    // After each: a run that is broken off has told what it knows.
    if (isWritten) writeMatrix(rows);
  }
} finally {
  await closeBrowser();
  await box.stop();
}
const failed = rows.filter((row) => row.failed);
console.log(`${rows.length - failed.length} of ${rows.length} in ${seconds(started)}`);
process.exit(failed.length ? 1 : 0);
