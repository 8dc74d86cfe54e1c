/** What a user relies on in every runtime: named cases through the public API, without a test framework. */
import { calls } from "./cases/calls.mjs";
import { errors } from "./cases/errors.mjs";
import { redirects } from "./cases/redirects.mjs";
import { renewals } from "./cases/renewals.mjs";
import { sessions } from "./cases/sessions.mjs";
import { signIns } from "./cases/sign-ins.mjs";
import { stores } from "./cases/stores.mjs";
import { world } from "./world.mjs";

/** @typedef {{ name: string, run: (world: import("./world.mjs").World) => Promise<unknown> }} Case */
/** @typedef {{ name: string, ok: boolean, error: string | null, milliseconds: number }} Result */

/** @type {readonly Case[]} */
export const cases = Object.entries({ ...signIns, ...renewals, ...calls, ...sessions, ...stores, ...redirects, ...errors }).map(([name, run]) => ({ name, run }));

/** Longer than any wait of a case by far: what hangs is told, and the others go on. */
const PATIENCE = 60_000;

/** @param {unknown} error @returns {string} */
function told(error) {
  if (!(error instanceof Error) && typeof (/** @type {any} */ (error)?.message) !== "string") return String(error);
  const { name, message, stack, cause } = /** @type {Error} */ (error);
  const head = `${name}: ${message}`;
  return `${stack?.includes(message) ? stack : `${head}\n${stack ?? ""}`}${cause ? `\ncaused by ${told(cause)}` : ""}`;
}

/**
 * Runs one case with services that are as new.
 *
 * @param {Case} one
 * @param {import("./world.mjs").Setting} setting
 * @returns {Promise<Result>}
 */
export async function runCase({ name, run }, setting) {
  const given = world(setting);
  const started = Date.now();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const overdue = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not end within ${PATIENCE / 1000} s`)), PATIENCE);
  });
  /** @type {string | null} */
  let error = null;
  try {
    await given.box.reset();
    await Promise.race([run(given), overdue]);
  } catch (reason) {
    error = told(reason);
  } finally {
    clearTimeout(timer);
    await given.end().catch((reason) => (error ??= told(reason)));
  }
  return { name, ok: error === null, error, milliseconds: Date.now() - started };
}

/**
 * Runs them all, one after the other: what a page or a runtime reports as JSON.
 *
 * @param {import("./world.mjs").Setting} setting
 * @returns {Promise<Result[]>}
 */
export async function runAll(setting) {
  /** @type {Result[]} */
  const results = [];
  for (const one of cases) results.push(await runCase(one, setting));
  return results;
}
