/** `propusk/relay`: passes on what a profile names, between pages and its provider. Decided in the module, carried out here. */
import { Decisions } from "./decisions.js";
import { own } from "./facts.js";
import { Gate } from "./gate.js";
import { relayOptions } from "./options.js";
import { serve } from "./serve.js";

export { toNodeHandler } from "./node.js";

/**
 * @param {unknown} given
 * @returns {Promise<(request: Request) => Promise<Response>>}
 */
export async function createRelay(given) {
  const { data, provider, fetch, onTrace } = relayOptions(given);
  const gate = await Gate.open(data, provider);
  const relay = { gate, decisions: new Decisions(gate), fetch, onTrace };
  return own((/** @type {Request} */ request) => serve(relay, request), relay);
}
