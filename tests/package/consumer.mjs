/** A project of somebody else's with the packed package installed, as npm does it. */
import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The tarball under test. */
export const TARBALL = process.env.PROPUSK_TARBALL ?? missing();

/** What a page or a script does first, and prints what it got. */
export const USE = `
const client = await AuthClient.create({ provider: "invoicebox" });
console.log(client.provider, client.session);
client.close();
`;

/** What `USE` prints. */
export const USED = "invoicebox null\n";

/** @returns {never} */
function missing() {
  throw new Error("PROPUSK_TARBALL names no tarball: run these tests with `cargo xtask test package`");
}

/**
 * A folder with the package installed and the given files beside it; gone when the process ends.
 *
 * @param {Record<string, string>} [files]
 */
export async function consumer(files = {}) {
  const folder = await mkdtemp(join(tmpdir(), "propusk-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
  await run("npm", ["install", "--no-save", "--offline", "--ignore-scripts", TARBALL], { cwd: folder });
  return { folder, dist: join(folder, "node_modules/propusk/dist"), node: node.bind(null, folder) };
}

/**
 * Runs Node in the folder and returns what it printed.
 *
 * @param {string} folder
 * @param {string[]} args
 */
async function node(folder, ...args) {
  const { stdout } = await run(process.execPath, args, { cwd: folder });
  return stdout;
}

/**
 * Runs a command-line tool of the workspace and returns what it printed.
 *
 * @param {string} name of the npm package
 * @param {string} script in that package
 * @param {string[]} args
 */
export async function tool(name, script, ...args) {
  const program = fileURLToPath(new URL(`../../node_modules/${name}/${script}`, import.meta.url));
  const { stdout } = await run(process.execPath, [program, ...args]).catch((error) => {
    throw new Error(`${name} is not content:\n${error.stdout}${error.stderr}`);
  });
  return stdout;
}
