/** What calls need of the session. */
import { steady, wall } from "./clock.js";

/**
 * @typedef {object} Prepared what calls need of the session
 * @property {boolean} isSignedIn
 * @property {string | null} token
 * @property {number | null} wall until when it can be used as it is, by our clock: null is no known end
 * @property {number | null} steady and by the one that is never set
 * @property {number} margin how much earlier than its end that is
 * @property {number | null} life of the token, as a whole
 * @property {[name: string, value: string, isCredential: boolean][]} headers
 * @property {[name: string, value: string, isCredential: boolean][]} query
 * @property {import("./sending.js").Sent | undefined} sent what is made of these for calls that have none of their own
 * @property {string} base
 * @property {string[]} origins
 * @property {number} generation
 * @property {number} login
 */

/**
 * Whether the session can be used without asking the machine, also that much later.
 *
 * @param {Prepared} prepared
 * @param {import("./options.js").Options} options
 * @param {number} minValidity
 */
export function isFresh({ isSignedIn, wall: until, steady: end, margin, life }, options, minValidity) {
  if (!isSignedIn || until === null) return isSignedIn;
  const early = Math.max(minValidity - margin, 0);
  // No number: there is no such clock now. No clock that was set back makes a life longer.
  return wall(options) + early < until && (end === null || !(steady(options) + early >= end)) && (early === 0 || minValidity <= Number(life));
}
