/** A script that is imported by clients that keep sessions or pending logins. */
export { browserStore } from "../store/browser.js";
export { Stores } from "../stores.js";
