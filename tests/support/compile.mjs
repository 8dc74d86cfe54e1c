/** Compiles the programs of tests/types as their writers would: beside the installed package, away from this repository. */
import { execFile } from "node:child_process";
import { cpSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { project } from "./package.mjs";

const run = promisify(execFile);
const PROGRAMS = fileURLToPath(new URL("../types/programs", import.meta.url));
const TSC = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");

/** The folder of the contract, where it is there. */
export const SHARED = process.env.PROPUSK_SHARED;

export const RESOLUTIONS = {
  nodenext: { module: "nodenext", moduleResolution: "nodenext" },
  bundler: { module: "esnext", moduleResolution: "bundler" },
};

/** Where the contract of an entry is. @param {string} entry @returns {[string, string[]]} */
const promise = (entry) => [`propusk${entry}`, [join(SHARED ?? "", "contract", `propusk${entry.replace("/", "-")}.d.ts`)]];

/** Where the programs are compiled: a copy, with the package in reach. */
export const folder = join(project(), "programs");
cpSync(PROGRAMS, folder, { recursive: true });

/**
 * Compiles programs as strictly as can be. What the compiler says, or nothing.
 *
 * @param {string} name
 * @param {{ options: object, contract?: boolean, files?: string[], out?: string }} how
 */
export async function compile(name, { options, contract = false, files = readdirSync(PROGRAMS).filter((file) => file.endsWith(".ts")), out }) {
  const config = join(folder, `tsconfig.${name}.json`);
  const compilerOptions = {
    target: "es2022",
    lib: ["es2022", "esnext.disposable", "dom", "dom.iterable"],
    types: [],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noPropertyAccessFromIndexSignature: true,
    verbatimModuleSyntax: true,
    isolatedModules: true,
    skipLibCheck: false,
    ...options,
    ...(contract && { paths: Object.fromEntries(["", "/node", "/redis", "/messages", "/react", "/relay"].map(promise)) }),
    ...(out ? { outDir: out, rootDir: "." } : { noEmit: true }),
  };
  writeFileSync(config, JSON.stringify({ compilerOptions, files }));
  return run(process.execPath, [TSC, "--project", config, "--pretty", "false"]).then(
    ({ stdout }) => stdout,
    ({ stdout, stderr }) => stdout + stderr,
  );
}
