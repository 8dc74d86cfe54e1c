/** The packed package, unpacked as an install would lay it out. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** @type {string | undefined} */
let folder;

/** A folder of this process with the package in `node_modules`; gone when the process ends. */
export function project() {
  return (folder ??= unpack());
}

function unpack() {
  const tarball = process.env.PROPUSK_TARBALL;
  if (!tarball) throw new Error("PROPUSK_TARBALL names no tarball: run these tests with `cargo xtask test node`");
  const made = mkdtempSync(join(tmpdir(), "propusk-"));
  process.on("exit", () => rmSync(made, { recursive: true, force: true }));
  const modules = join(made, "node_modules");
  mkdirSync(modules);
  execFileSync("tar", ["-xzf", tarball, "-C", modules]);
  renameSync(join(modules, "package"), join(modules, "propusk"));
  writeFileSync(join(made, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  for (const entry of ["propusk", "propusk/node", "propusk/redis", "propusk/messages", "propusk/relay"]) writeFileSync(script(made, entry), `export * from "${entry}";`);
  return made;
}

/**
 * The package, by its name.
 *
 * @returns {Promise<typeof import("propusk")>}
 */
export function load() {
  return import(pathToFileURL(script(project(), "propusk")).href);
}

/**
 * The store in files, by its name.
 *
 * @returns {Promise<typeof import("propusk/node")>}
 */
export function loadNode() {
  return import(pathToFileURL(script(project(), "propusk/node")).href);
}

/**
 * The store in Redis, by its name.
 *
 * @returns {Promise<typeof import("propusk/redis")>}
 */
export function loadRedis() {
  return import(pathToFileURL(script(project(), "propusk/redis")).href);
}

/**
 * The sentences for users, by their name.
 *
 * @returns {Promise<typeof import("propusk/messages")>}
 */
export function loadMessages() {
  return import(pathToFileURL(script(project(), "propusk/messages")).href);
}

/**
 * The relay, by its name.
 *
 * @returns {Promise<typeof import("propusk/relay")>}
 */
export function loadRelay() {
  return import(pathToFileURL(script(project(), "propusk/relay")).href);
}

/** Passes on all that an entry exports. @param {string} made @param {string} entry */
const script = (made, entry) => join(made, `${entry.replace("/", "-")}.mjs`);
