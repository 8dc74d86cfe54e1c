/** One request: judged, carried out, told of. */
import { Head } from "./decisions.js";
import { Exchange, refused } from "./exchange.js";
import { factsOf, notMine } from "./facts.js";
import { now, told } from "./tell.js";

/** @typedef {{ gate: import("./gate.js").Gate, decisions: import("./decisions.js").Decisions, fetch?: typeof globalThis.fetch, onTrace?: (record: any) => void }} Relay */

/**
 * @param {Relay} relay
 * @param {any} request
 * @returns {Promise<Response>}
 */
export async function serve(relay, request) {
  const started = now();
  const { gate, decisions } = relay;
  // After a failure: in a new instance of the module.
  if (!gate.isOpen) await gate.ready();
  const facts = factsOf(request);
  const head = new Head(facts, gate.about.headers, (name) => request.headers.get(name));
  /** @type {import("./exchange.js").Outcome} */
  let outcome;
  try {
    const verdict = decisions.judge(head);
    if (verdict.what === "outside" && facts.passesOn) return notMine();
    outcome = await new Exchange(relay, request, head).run(verdict);
  } catch {
    // A mistake of ours, or the module has failed: the page is told the same.
    if (!gate.isOpen) await gate.ready();
    outcome = refused(gate.refusal(500), head.method);
  }
  const { answer, code } = outcome;
  told(relay, head, answer.status, code, started);
  return answer;
}
