/** A framework with the packed package beside it, as the lock file says. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const SOURCE = fileURLToPath(new URL("..", import.meta.url));

/**
 * Installs one of the workspaces of this folder somewhere away from this repository; gone when the process ends.
 *
 * @param {"http" | "react-18" | "react-19" | "vue-3"} workspace
 */
export async function project(workspace) {
  const tarball = process.env.PROPUSK_TARBALL;
  if (!tarball) throw new Error("PROPUSK_TARBALL names no tarball: run these tests with `cargo xtask test frameworks`");
  const root = mkdtempSync(join(tmpdir(), `propusk-${workspace}-`));
  process.on("exit", () => rmSync(root, { recursive: true, force: true }));
  for (const name of ["package.json", "package-lock.json", "http", "react-18", "react-19", "vue-3"]) cpSync(join(SOURCE, name), join(root, name), { recursive: true });
  // None of them needs its install script, and what npm has at hand it need not ask for.
  const which = ["--workspace", workspace, "--include-workspace-root"];
  await run("npm", ["ci", ...which, "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"], { cwd: root });
  // Beside the framework: the package has to find the workspace's own.
  const folder = join(root, workspace);
  const modules = join(folder, "node_modules/propusk");
  mkdirSync(modules, { recursive: true });
  await run("tar", ["-xzf", tarball, "-C", modules, "--strip-components=1"]);

  return {
    folder,
    /** A script of the workspace. @param {string} script @returns {Promise<any>} */
    load: (script) => import(pathToFileURL(join(folder, script)).href),
    /** What scripts in the workspace get by `require`. @param {string} name @returns {any} */
    require: (name) => createRequire(join(folder, "script.cjs"))(name),
    /** A page for the rest of the process: its objects become global, as a browser's are. */
    page() {
      const { JSDOM } = createRequire(join(root, "script.cjs"))("jsdom");
      const { window } = new JSDOM("<!doctype html><title>page</title>", { url: "https://app.example/callback", pretendToBeVisual: true });
      const shown = { window, document: window.document, navigator: window.navigator, Element: window.Element, HTMLElement: window.HTMLElement, SVGElement: window.SVGElement, Node: window.Node };
      for (const [name, value] of Object.entries(shown)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
      return window.document;
    },
  };
}
