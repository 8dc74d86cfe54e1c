/**
 * Bytes as text: most are one letter each, the others two. Only letters that no script, page or minifier has to write
 * otherwise; a text stays as it is where the order of the bytes is that of the letters.
 */

/** How many of the letters begin a pair: those that texts have the least use for. */
export const PAIRS = 3;
export const LETTERS = [..."~^@"].concat(Array.from({ length: 94 }, (_, at) => String.fromCharCode(at + 32)).filter((letter) => !"\"$'<\\`^@".includes(letter)));
/** Where a letter stands among them. */
const PLACES = new Uint8Array(128);
LETTERS.forEach((letter, at) => (PLACES[letter.charCodeAt(0)] = at));

/**
 * @param {string} text bytes in hexadecimal digits in the order of their letters, those that are not there as they follow; a
 *   hyphen; the letters
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function bytesOf(text) {
  const start = text.indexOf("-");
  const first = text.slice(0, start).match(/../g) ?? [];
  const order = [...new Set(first.map((digits) => Number.parseInt(digits, 16)).concat([...Array(256).keys()]))];
  const singles = LETTERS.length - PAIRS;
  // The byte that a letter is, or, beyond, where the bytes begin that it is with another one.
  const kinds = new Uint16Array(128);
  LETTERS.forEach((letter, at) => (kinds[letter.charCodeAt(0)] = at < PAIRS ? 256 + singles + at * LETTERS.length : order[at - PAIRS]));
  const letters = new TextEncoder().encode(text);
  const end = letters.length;
  let length = 0;
  // Each byte takes the place of a letter before it.
  for (let at = start + 1; at < end; at++) {
    const kind = kinds[letters[at]];
    letters[length++] = kind < 256 ? kind : order[kind - 256 + PLACES[letters[++at]]];
  }
  return letters.slice(0, length);
}
