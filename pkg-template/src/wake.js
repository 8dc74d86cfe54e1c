/**
 * Calls `listener` when timers may have slept and messages may have been missed: the page is shown again, comes back from
 * the back/forward cache, or the network is back. Gives the function that stops it. Where nothing tells, that never happens.
 *
 * @param {() => void} listener
 */
export function onWake(listener) {
  const woken = (/** @type {any} */ { type, persisted }) => {
    const isHidden = globalThis.document?.visibilityState === "hidden";
    // A page is also shown when it is loaded.
    if (type === "visibilitychange" ? !isHidden : type !== "pageshow" || persisted) listener();
  };
  const events = ["visibilitychange", "pageshow", "resume", "online"];
  // On their way down: some are the document's, and not all of those come up to the window. Cloudflare's workers know no such way.
  const isDown = Boolean(globalThis.document);
  for (const event of events) globalThis.addEventListener?.(event, woken, isDown);
  return () => {
    for (const event of events) globalThis.removeEventListener?.(event, woken, isDown);
  };
}
