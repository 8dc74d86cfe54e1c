/** What was probably meant. */

/**
 * @param {string} word
 * @param {readonly string[]} known
 * @returns {string | null} null where nothing is near
 */
export function nearest(word, known) {
  const given = word.toLowerCase();
  const begun = known.filter((name) => name.startsWith(given) || given.startsWith(name));
  if (given.length > 1 && begun.length === 1) return begun[0];
  const [best] = known.map((name) => ({ name, far: distance(given, name) })).sort((one, other) => one.far - other.far);
  return best && best.far <= Math.max(1, Math.floor(best.name.length / 3)) ? best.name : null;
}

/** Letters to put in, take out, replace or swap with the next. @param {string} one @param {string} other */
function distance(one, other) {
  const rows = [Array.from({ length: other.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= one.length; i += 1) {
    rows[i] = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const isSame = one[i - 1] === other[j - 1];
      const ways = [rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + Number(!isSame)];
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) ways.push(rows[i - 2][j - 2] + 1);
      rows[i][j] = Math.min(...ways);
    }
  }
  return rows[one.length][other.length];
}
