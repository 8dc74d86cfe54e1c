/**
 * The package's own entries, brought in when they are needed: a command that only prints its help needs none. The build leaves
 * these imports as they are, so that the command runs on the very scripts that callers get. Of the two with a client it is the
 * one without the module as text: here is a file system, where the module lies beside this script.
 */

export const stores = () => import("../node/index.js");
export const messages = () => import("../messages/index.js");

/** @type {ReturnType<typeof begin> | undefined} */
let begun;

/** The library with its module, ready to make clients. */
export function clients() {
  return (begun ??= begin());
}

async function begin() {
  const [bytes, slim] = await Promise.all([beside("module.wasm"), import("../entry/slim.js")]);
  await slim.ready(bytes);
  return slim;
}

/** A file of the package. @param {string} name */
export async function beside(name) {
  const { readFile } = await import("node:fs/promises");
  return new Uint8Array(await readFile(new URL(`./${name}`, import.meta.url)));
}
