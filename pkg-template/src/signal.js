/**
 * The signal that a caller gives: a member of the options or of what they are made from, as of an AbortController; not of what a script has put into every object.
 *
 * @param {{ signal?: AbortSignal } | undefined} options
 */
export function signalOf(options) {
  const signal = options?.signal;
  return signal === /** @type {any} */ (Object.prototype).signal ? undefined : signal;
}
