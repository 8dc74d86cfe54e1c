/** The options of `startSandbox`. */
import { amount, members, mistake, whole } from "./mistake.js";

/** How many ports a sandbox takes: the control port and one for each service. */
export const PORTS = 6;

/** Longest span in ms: what is longer no timer waits. */
const LONGEST = 0x7fffffff;

/** @param {unknown} given */
export function read(given = {}) {
  const options = members("startSandbox(options)", ["ports", "tokenLifetime", "latency", "cors", "grace"], given);
  const { ports = 0, tokenLifetime = null, latency = 0, cors = true, grace = 0 } = options;
  whole("ports", ports, 65536 - PORTS);
  if (tokenLifetime !== null || "tokenLifetime" in options) whole("tokenLifetime", tokenLifetime, LONGEST);
  amount("latency", latency);
  if (latency > LONGEST) throw mistake("latency", `at most ${LONGEST} ms`, latency);
  if (typeof cors !== "boolean") throw mistake("cors", "true or false", cors);
  amount("grace", grace);
  return { ports, defaults: JSON.stringify({ tokenLifetime, latency: Math.round(latency), cors, grace }) };
}
