/**
 * The package's own entries, brought in when they are needed: a command that only prints its help needs none. The build leaves
 * these imports as they are, so that the command runs on the very scripts that callers get.
 */

export const library = () => import("../entry/index.js");
export const stores = () => import("../node/index.js");
export const messages = () => import("../messages/index.js");
