/** What the processes of a swarm said, read as a whole: which renewals were cut short by a kill, and what came of it. */

/**
 * @typedef {object} Event
 * @property {number} process
 * @property {number} [party] whose session it is
 * @property {number} at
 * @property {string} what
 * @property {string} [renewal]
 * @property {string} [next]
 * @property {number} [status]
 * @property {string} [code]
 * @property {string} [reason]
 * @property {string} [message]
 * @property {string} [subject]
 * @property {number | null} [login] of a record
 * @property {number} [began] when what has ended at `at` began
 * @property {boolean} [isSigningOut]
 *
 * @typedef {{ process: number, at: number }} Kill
 * @typedef {{ processes: number[] | null, from: number, to: number }} Misfortune whom it has befallen, null being all, and when
 */

/** How long the effects of a misfortune last, milliseconds: a client waits 5 s for its store, and looks again after a while. */
const AFTER = 8_000;

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
 * Whether a process was told, around a renewal that it sent, that its lock was passed over or its store failed.
 *
 * @param {Event[]} events in order of time
 * @param {number} process
 * @param {number} at when it was sent
 */
function isTold(events, process, at) {
  const own = events.filter((event) => event.process === process);
  const begin = own.filter((event) => event.at < at && ["stored", "sent", "called", "entered"].includes(event.what)).at(-1)?.at ?? 0;
  const end = own.find((event) => event.at > at && event.what === "sent")?.at ?? Infinity;
  return own.some((event) => event.at >= begin && event.at < end && ["passed over", "warning"].includes(event.what));
}

/**
 * Tokens that were sent again though the process that sent them first lived on and was given others for them; and renewals that were
 * refused without a kill that cut one short. Who was refused has spent nothing: what comes after it ends no session that had not ended.
 *
 * With misfortunes a token may be sent again as well, where one of them came upon who has sent it, so that what came for it was not stored, or upon who
 * sends it again, and cannot look; and what follows from that. So it may where a process is told that its lock was passed over, or its store has failed: on a
 * machine that is slow enough neither takes a misfortune.
 *
 * @param {Event[]} events in order of time
 * @param {Kill[]} kills
 * @param {Misfortune[]} [misfortunes]
 */
export function unexplained(events, kills, misfortunes = []) {
  const cut = cutShort(events, kills);
  const isCut = (/** @type {Event} */ { process, renewal }) => cut.some((other) => other.process === process && other.renewal === renewal);
  /** @type {string[]} */
  const found = [];
  /** @type {Map<string, Event[]>} */
  const senders = new Map();
  /** @type {Set<Event>} */
  const refused = new Set();
  /** @type {{ renewal: string }[]} */
  const excused = [...cut];
  const isExcused = (/** @type {Event} */ { process: one, at: from }, /** @type {Event} */ { process: other, at: to }) =>
    misfortunes.some(({ processes, ...misfortune }) => (!processes || processes.includes(one) || processes.includes(other)) && misfortune.from <= to && misfortune.to + AFTER >= from) ||
    isTold(events, one, from) ||
    isTold(events, other, to);
  const origins = new Map(events.flatMap(({ renewal, next }) => (renewal && next ? [[next, renewal]] : [])));
  for (const event of events) {
    const renewal = event.renewal ?? "";
    const before = senders.get(renewal) ?? [];
    if (event.what === "sent") {
      const living = before.find((sender) => !isCut(sender) && !refused.has(sender));
      if (living && isExcused(living, event)) excused.push({ renewal });
      else if (living) found.push(`process ${event.process} sent ${renewal} again, after process ${living.process}, at ${event.at}`);
      senders.set(renewal, [...before, event]);
    } else if (event.what === "answered" && REFUSED.includes(event.status ?? 0)) {
      const sender = before.filter(({ process }) => process === event.process).at(-1);
      if (sender) refused.add(sender);
      if (!isExplained(renewal, excused, origins)) found.push(`the renewal ${renewal} of process ${event.process} was refused, at ${event.at}`);
    }
  }
  return found;
}

/**
 * Sessions that have ended where the provider ends none.
 *
 * @param {Event[]} events of one party
 */
export function ended(events) {
  return events.flatMap(({ process, at, what, reason }) => (what === "changed" && reason === "expire" ? [`the session of process ${process} expired, at ${at}`] : []));
}

/**
 * Processes that found themselves signed out, though since they came in nobody had signed out, and no renewal was refused.
 *
 * @param {Event[]} events of one party, in order of time
 */
export function lost(events) {
  return events.flatMap(({ process, at, what }) => {
    if (what !== "lost") return [];
    const since = events.filter((event) => event.process === process && event.what === "entering" && event.at < at).at(-1)?.at ?? 0;
    const isExplained = events.some((event) => {
      const isRefusal = event.what === "answered" && REFUSED.includes(event.status ?? 0);
      if (event.at > at || !(isRefusal || event.what === "signing out")) return false;
      // The store is emptied some time after it, by a process that was killed before it said so at a time that nobody knows.
      const end = events.find((other) => other.process === event.process && other.what === (isRefusal ? "lost" : "signed out") && other.at > event.at)?.at ?? Infinity;
      return end > since;
    });
    return isExplained ? [] : [`process ${process} was signed out, at ${at}`];
  });
}

/**
 * Logouts that were undone: what was in the store before they began was found in it after they had emptied it.
 *
 * @param {Event[]} events of one party, in order of time
 */
export function undone(events) {
  return events.flatMap(({ process, at: end, what, isSigningOut }) => {
    if (what !== "deleted" || !isSigningOut) return [];
    const start = events.filter((event) => event.process === process && event.what === "signing out" && event.at < end).at(-1)?.at ?? 0;
    const before = new Set(events.flatMap(({ what, login, at }) => (what === "stored" && at < start ? [login] : [])));
    const again = events.filter(({ what, login, began }) => what === "found" && login && before.has(login) && (began ?? 0) > end);
    return again.map((event) => `process ${event.process} found the login ${event.login} that process ${process} had signed out of before, at ${event.at}`);
  });
}

/**
 * Sessions of somebody else.
 *
 * @param {Event[]} events
 * @param {{ service: string }[]} parties
 */
export function strangers(events, parties) {
  /** @type {Map<string, number>} whose a user of a service is */
  const owners = new Map();
  return events.flatMap(({ process, party = 0, subject, at }) => {
    if (!subject) return [];
    const user = `${parties[party].service} ${subject}`;
    const owner = owners.get(user) ?? party;
    owners.set(user, owner);
    const others = [...owners].filter(([other, theirs]) => theirs === party && other !== user);
    return owner === party && others.length === 0 ? [] : [`process ${process} had the session of ${user}, at ${at}`];
  });
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
