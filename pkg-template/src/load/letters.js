/**
 * The module as text: frequent bytes are one letter each, the others two. Each byte stays where it was, so that what
 * compresses the text finds the same repetitions as in the module: on the wire it is a fortieth larger than the bare module,
 * where hexadecimal digits are a sixteenth larger and base64 is a quarter. Only letters that no script, page or minifier has to
 * write otherwise.
 */

/** How many of the letters begin a pair. */
export const PAIRS = 3;
export const LETTERS = Array.from({ length: 94 }, (_, at) => String.fromCharCode(at + 33)).filter((letter) => !"\"$'<\\`".includes(letter));

/**
 * @param {string} text the 256 bytes, the most frequent first, in hexadecimal digits; then the letters
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function bytesOf(text) {
  const place = new Uint8Array(128);
  LETTERS.forEach((letter, at) => (place[letter.charCodeAt(0)] = at));
  const order = Uint8Array.from({ length: 256 }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16));
  const bytes = new Uint8Array(text.length);
  const singles = LETTERS.length - PAIRS;
  let length = 0;
  for (let at = 512; at < text.length; ) {
    const first = place[text.charCodeAt(at++)];
    const rank = first < PAIRS ? singles + first * LETTERS.length + place[text.charCodeAt(at++)] : first - PAIRS;
    bytes[length++] = order[rank];
  }
  return bytes.slice(0, length);
}
