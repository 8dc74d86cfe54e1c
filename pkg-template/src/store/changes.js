/**
 * Who hears that an entry of a store has changed: clients of this page, and over a channel other tabs and workers. What
 * is told is the entry's name, never its value.
 */

/** @typedef {{ place: string, key: string, owner: object, listener: () => void }} Watcher */

/** Of IndexedDB; other stores have ways of their own to reach other tabs. */
export const SHARED = "indexedDB";

const NAME = "propusk";

/** @type {Set<Watcher>} */
const watchers = new Set();

/** @type {BroadcastChannel | null} */
let channel = null;

/**
 * Calls `listener` when somebody other than `owner` changes the entry. Gives the function that stops it.
 *
 * @param {Watcher} watcher
 */
export function watch(watcher) {
  watchers.add(watcher);
  tune();
  return () => {
    watchers.delete(watcher);
    tune();
  };
}

/**
 * Calls `listener` when another page, or a frame, has changed the entry in web storage. Gives the function that stops it.
 *
 * @param {Storage | null} storage
 * @param {string} key
 * @param {() => void} listener
 */
export function heard(storage, key, listener) {
  // No key: everything was cleared.
  const changed = (/** @type {StorageEvent} */ event) => {
    if (storage && event.storageArea === storage && (event.key === null || event.key === key)) listener();
  };
  globalThis.addEventListener?.("storage", changed);
  return () => globalThis.removeEventListener?.("storage", changed);
}

/**
 * Tells this page. Without a key: every entry may have changed.
 *
 * @param {string} place
 * @param {string | null} key
 * @param {object} [owner] who has changed it
 */
export function tell(place, key, owner) {
  for (const watcher of [...watchers]) {
    const concerned = watcher.place === place && (key === null || watcher.key === key) && watcher.owner !== owner;
    if (concerned && watchers.has(watcher)) watcher.listener();
  }
}

/**
 * Tells this page and all others of the origin of a change in IndexedDB.
 *
 * @param {string} key
 * @param {object} owner
 */
export function announce(key, owner) {
  tell(SHARED, key, owner);
  const own = channel ?? open();
  own?.postMessage(key);
  if (own !== channel) own?.close();
}

/** Listens while there is somebody to tell: a page with an open channel may be kept from the back/forward cache. */
function tune() {
  const wanted = [...watchers].some(({ place }) => place === SHARED);
  if (wanted === (channel !== null)) return;
  if (wanted) {
    listen();
    globalThis.addEventListener?.("pagehide", leave);
    globalThis.addEventListener?.("pageshow", listen);
  } else {
    leave();
    globalThis.removeEventListener?.("pagehide", leave);
    globalThis.removeEventListener?.("pageshow", listen);
  }
}

function listen() {
  channel ??= open();
  if (channel) channel.onmessage = ({ data }) => tell(SHARED, data);
}

function leave() {
  channel?.close();
  channel = null;
}

function open() {
  if (typeof BroadcastChannel !== "function") return null;
  const made = new BroadcastChannel(NAME);
  // In Node it would keep the process alive.
  /** @type {any} */ (made).unref?.();
  return made;
}
