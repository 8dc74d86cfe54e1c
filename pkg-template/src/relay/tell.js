/** Traces of requests. */
import { silence } from "../reading.js";

/**
 * @param {import("./serve.js").Relay} relay
 * @param {import("./decisions.js").Head} head
 * @param {number} status
 * @param {string | null} refused
 * @param {number} started
 */
export function told({ gate, onTrace }, head, status, refused, started) {
  if (!onTrace) return;
  try {
    const record = { method: head.method, path: gate.shown(head.whole), status, duration: Math.max(Math.round(now() - started), 0), refused };
    silence(onTrace(Object.freeze(record)));
  } catch {
    // What a callback throws is nobody's concern.
  }
}

export function now() {
  try {
    return performance.now();
  } catch {
    return Date.now();
  }
}
