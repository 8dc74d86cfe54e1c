/** What may happen to a service, made to happen, and what the client does about it. */
import { say } from "./i18n.js";

/** How long is waited for the slow answer, ms; it takes three times as long. */
const PATIENCE = 1000;

/** Seconds in which a service gives a lost answer again. */
const GRACE = 10;

/** @type {Record<string, object>} */
const FAULTS = {
  down: { kind: "status", status: 503, body: "<h1>503</h1>", contentType: "text/html" },
  cut: { kind: "truncate" },
  offline: { kind: "reset", times: -1 },
  slow: { kind: "slow", delay: 3 * PATIENCE },
};

export const OUTAGES = Object.keys(FAULTS);

/**
 * @param {string} kind
 * @param {typeof import("./services.js").SERVICES[number]} service
 * @param {import("propusk").AuthClient<any>} client
 */
export async function outage(kind, { id, outage: { purpose, act } }, client, api, control, ledger, result) {
  const isSlow = kind === "slow";
  const options = isSlow ? { timeout: PATIENCE } : {};
  const acts = {
    refresh: () => client.refresh(options),
    check: () => client.check(options),
    async call() {
      const response = await client.fetch(api, { cache: "no-store", ...(isSlow && { signal: AbortSignal.timeout(PATIENCE) }) });
      const problem = await client.problem(response);
      if (problem) throw problem;
      await response.text();
    },
  };
  // A refresh token that was spent for an answer that got lost: only a service that gives the answer again saves the session.
  const isSpent = kind === "cut" && purpose === "refresh";
  if (isSpent) await control.grace(id, GRACE);
  await control.spoil(id, purpose, FAULTS[kind]);
  const tries = ledger.counting(id);
  try {
    const error = await acts[act]().then(() => null, (/** @type {unknown} */ error) => error);
    const n = tries();
    if (act === "call") result.outage("warn", say("outage.call.told"), error);
    else if (isSlow) result.outage("warn", say("outage.slow.told"), error);
    else if (kind === "offline") result.outage("warn", say("outage.offline.told", n), error);
    else if (error && client.session) result.outage("warn", say("outage.failed.told", n), error);
    else if (error) throw error;
    else result.outage("good", isSpent ? say("outage.cut.spent", GRACE) : say(`outage.${kind}.told`, n));
  } finally {
    await control.heal();
    if (isSpent) await control.grace(id, 0);
  }
}
