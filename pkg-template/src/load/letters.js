/**
 * Bytes as text: most are one letter each, the others two. Only letters that no script, page or minifier has to write
 * otherwise; a text stays as it is where the order of the bytes is that of the letters.
 */

/** How many of the letters begin a pair: those that texts have the least use for. */
export const PAIRS = 3;
export const LETTERS = [..."~^@"].concat(Array.from({ length: 94 }, (_, at) => String.fromCharCode(at + 32)).filter((letter) => !"\"$'<\\`^@".includes(letter)));

/**
 * @param {string} text bytes in hexadecimal digits in the order of their letters, those that are not there as they follow; a
 *   hyphen; the letters
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function bytesOf(text) {
  const start = text.indexOf("-");
  const place = new Uint8Array(128);
  LETTERS.forEach((letter, at) => (place[letter.charCodeAt(0)] = at));
  const first = text.slice(0, start).match(/../g) ?? [];
  const order = [...new Set(first.map((digits) => Number.parseInt(digits, 16)).concat([...Array(256).keys()]))];
  const bytes = new Uint8Array(text.length);
  const singles = LETTERS.length - PAIRS;
  let length = 0;
  for (let at = start + 1; at < text.length; ) {
    const first = place[text.charCodeAt(at++)];
    const rank = first < PAIRS ? singles + first * LETTERS.length + place[text.charCodeAt(at++)] : first - PAIRS;
    bytes[length++] = order[rank];
  }
  return bytes.slice(0, length);
}
