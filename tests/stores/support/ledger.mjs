/** What the processes of a swarm said, read as a whole: which renewals were cut short by a kill, and what came of it. */

/**
 * @typedef {{ process: number, at: number, what: string, renewal?: string, next?: string, status?: number, code?: string, reason?: string, message?: string }} Event
 * @typedef {{ process: number, at: number }} Kill
 */

/** What leaves the token of a renewal as good as it was. */
const REFUSED = [400, 401];

/**
 * The renewals that a kill cut short: sent, perhaps carried out, and not stored.
 *
 * @param {Event[]} events in order of time
 * @param {Kill[]} kills
 */
export function cutShort(events, kills) {
  return kills.flatMap(({ process, at }) => {
    /** @type {Event | null} */
    let open = null;
    for (const event of events) {
      if (event.process !== process) continue;
      if (event.what === "sent") open = event;
      else if (event.what === "stored" || (event.what === "answered" && REFUSED.includes(event.status ?? 0))) open = null;
    }
    return open?.renewal ? [{ process, at, renewal: open.renewal }] : [];
  });
}

/**
 * The token that each was given for: what an answer told whoever got it. @param {Event[]} events @returns {Map<string, string>}
 */
function predecessors(events) {
  return new Map(events.flatMap(({ renewal, next }) => (renewal && next ? [[next, renewal]] : [])));
}

/**
 * Tokens that were sent again though the process that sent them first lived on and was given others for them; and renewals that were
 * refused without a kill that cut one short, of that token or of one that it came from: what a killed process sent may reach the provider
 * after what another one sent for it, and then ends all that was given since. Who was refused has spent nothing: what comes after it ends
 * no session that had not ended.
 *
 * @param {Event[]} events in order of time
 * @param {Kill[]} kills
 */
export function unexplained(events, kills) {
  const cut = cutShort(events, kills);
  const isCut = (/** @type {Event} */ { process, renewal }) => cut.some((other) => other.process === process && other.renewal === renewal);
  const before = predecessors(events);
  /** Whether a kill cut short what was sent with a token, or with one that it came from. @param {string | undefined} renewal */
  const isExplained = (renewal) => {
    const seen = new Set();
    for (let token = renewal; token && !seen.has(token); token = before.get(token)) {
      if (cut.some((other) => other.renewal === token)) return true;
      seen.add(token);
    }
    return false;
  };
  /** @type {string[]} */
  const found = [];
  /** @type {Map<string, Event[]>} */
  const senders = new Map();
  /** @type {Set<Event>} */
  const refused = new Set();
  for (const event of events) {
    const renewal = event.renewal ?? "";
    const earlier = senders.get(renewal) ?? [];
    if (event.what === "sent") {
      const living = earlier.find((sender) => !isCut(sender) && !refused.has(sender));
      if (living) found.push(`process ${event.process} sent ${renewal} again, after process ${living.process}, at ${event.at}`);
      senders.set(renewal, [...earlier, event]);
    } else if (event.what === "answered" && REFUSED.includes(event.status ?? 0)) {
      const sender = earlier.filter(({ process }) => process === event.process).at(-1);
      if (sender) refused.add(sender);
      if (!isExplained(renewal)) found.push(`the renewal ${renewal} of process ${event.process} was refused, at ${event.at}`);
    }
  }
  return found;
}

/**
 * The lines around the moments that a complaint names, for whoever has to find out.
 *
 * @param {Event[]} events in order of time
 * @param {Kill[]} kills
 * @param {string[]} complaints
 */
export function excerpt(events, kills, complaints) {
  const all = [...events, ...kills.map((kill) => ({ ...kill, what: "killed" }))].sort((a, b) => a.at - b.at);
  const moments = complaints.flatMap((complaint) => [...complaint.matchAll(/at ([0-9.]+)/g)].map(([, at]) => Number(at))).slice(0, 2);
  const near = all.filter(({ what, at }) => what !== "called" && moments.some((moment) => Math.abs(at - moment) < 500));
  return near.map((event) => JSON.stringify(event)).join("\n");
}
