/** One request: judged, carried out, told of. */
import { silence } from "../reading.js";
import { Exchange, refused } from "./exchange.js";
import { factsOf, notMine } from "./facts.js";

/** @typedef {{ gate: import("./gate.js").Gate, fetch?: typeof globalThis.fetch, onTrace?: (record: any) => void }} Relay */

/**
 * @param {Relay} relay
 * @param {any} request
 * @returns {Promise<Response>}
 */
export async function serve(relay, request) {
  const started = now();
  const { gate, onTrace } = relay;
  // After a failure: in a new instance of the module.
  if (!gate.isOpen) await gate.ready();
  const { method, target, own, passesOn } = factsOf(request);
  const headers = gate.about.headers.map((name) => [name, request.headers.get(name)]).filter(([, value]) => value !== null);
  const head = JSON.stringify({ method, target, own, headers });
  /** @type {import("./exchange.js").Outcome} */
  let outcome;
  try {
    const verdict = gate.judge(head);
    if (verdict.what === "outside" && passesOn) return notMine();
    outcome = await new Exchange(relay, request, head, method).run(verdict);
  } catch {
    // A mistake of ours, or the module has failed: the page is told the same.
    if (!gate.isOpen) await gate.ready();
    outcome = refused(gate.refusal(500), method);
  }
  const { answer, code } = outcome;
  if (onTrace) {
    const record = { method, path: gate.shown(head), status: answer.status, duration: Math.max(Math.round(now() - started), 0), refused: code };
    try {
      silence(onTrace(Object.freeze(record)));
    } catch {
      // What a callback throws is nobody's concern.
    }
  }
  return answer;
}

function now() {
  try {
    return performance.now();
  } catch {
    return Date.now();
  }
}
