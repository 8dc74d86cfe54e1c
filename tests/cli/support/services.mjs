/** Whom the tests sign in as, as the command takes it. */
import { ACCOUNTS } from "../../support/sandbox.mjs";

/** @typedef {import("../../support/sandbox.mjs").Service} Service */
/** @typedef {Exclude<Service, "bstats">} Asking */

/** All that `login` needs but the base URL. @param {Asking} service */
export const piped = (service) => JSON.stringify(ACCOUNTS[service]);

/**
 * @param {ReturnType<typeof import("./cli.mjs").user>} user
 * @param {import("../../support/sandbox.mjs").Sandbox} box
 * @param {Asking} service
 * @param {string[]} [more]
 */
export async function signIn(user, box, service, more = []) {
  const { status, stderr } = await user.run(["login", service, "--stdin", "--base-url", box.services[service].baseUrl, ...more], { input: piped(service) });
  if (status !== 0) throw new Error(`login ended with ${status}: ${stderr}`);
}
