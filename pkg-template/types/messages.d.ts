/**
 * `propusk/messages`: what to show the person in front of the screen. It stands alone: nothing of the client is loaded
 * with it, and it knows errors of every copy of the package.
 */
import type { AuthError, AuthErrorCode } from "./index.js";

/**
 * One or two sentences without jargon: what happened and what to do about it. For `rate_limited` with the wait that the
 * service asked for, never rounded down: seconds below a minute, then minutes. Faults of the program (`fault`
 * `"caller"`) give a neutral sentence; log those errors. Texts of the provider are never shown.
 *
 * Takes an {@link AuthError} or a code; anything else gives the general sentence. Never throws.
 *
 * @param language by its primary subtag, in any case: `"ru"`, `"ru-RU"`. Others, and none, are English.
 *
 * @example
 * catch (error) {
 *   output.textContent = userMessage(error, document.documentElement.lang);
 * }
 */
export function userMessage(error: AuthError | AuthErrorCode | unknown, language?: "ru" | "en" | (string & {})): string;
