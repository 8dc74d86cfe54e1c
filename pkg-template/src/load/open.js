/** The module's `open`, with what only the second script has to give it. */
import { open as start } from "#glue";
import { follow, onAbort } from "../abort.js";
import { ask } from "../store/ask.js";
import { browserStore } from "../store/browser.js";
import { onWake } from "../wake.js";

export const means = { ask, browserStore, follow, onAbort, onWake };

/**
 * @param {any} options
 * @param {typeof import("../bridge.js").bridge} bridge
 */
export function open(options, bridge) {
  return start(options, { ...bridge, ...means });
}
