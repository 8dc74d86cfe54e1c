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
 * Whether a kill cut short a renewal of that token, or of one that it came of: a request of a process that was killed may arrive after all others, and end the
 * session when another token is the newest.
 *
 * @param {string} renewal
 * @param {{ renewal: string }[]} cut
 * @param {Map<string, string>} origins of each token the one that was sent for it
 */
function isExplained(renewal, cut, origins) {
  const seen = new Set();
  for (let token = /** @type {string | undefined} */ (renewal); token && !seen.has(token); token = origins.get(token)) {
    if (cut.some((other) => other.renewal === token)) return true;
    seen.add(token);
  }
  return false;
}

/**
 * Tokens that were sent again though the process that sent them first lived on and was given others for them; and renewals that were
 * refused without a kill that cut one short. Who was refused has spent nothing: what comes after it ends no session that had not ended.
 *
 * @param {Event[]} events in order of time
 * @param {Kill[]} kills
 */
export function unexplained(events, kills) {
  const cut = cutShort(events, kills);
  const isCut = (/** @type {Event} */ { process, renewal }) => cut.some((other) => other.process === process && other.renewal === renewal);
  /** @type {string[]} */
  const found = [];
  /** @type {Map<string, Event[]>} */
  const senders = new Map();
  /** @type {Set<Event>} */
  const refused = new Set();
  const origins = new Map(events.flatMap(({ renewal, next }) => (renewal && next ? [[next, renewal]] : [])));
  for (const event of events) {
    const renewal = event.renewal ?? "";
    const before = senders.get(renewal) ?? [];
    if (event.what === "sent") {
      const living = before.find((sender) => !isCut(sender) && !refused.has(sender));
      if (living) found.push(`process ${event.process} sent ${renewal} again, after process ${living.process}, at ${event.at}`);
      senders.set(renewal, [...before, event]);
    } else if (event.what === "answered" && REFUSED.includes(event.status ?? 0)) {
      const sender = before.filter(({ process }) => process === event.process).at(-1);
      if (sender) refused.add(sender);
      if (!isExplained(renewal, cut, origins)) found.push(`the renewal ${renewal} of process ${event.process} was refused, at ${event.at}`);
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
