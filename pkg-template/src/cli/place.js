/** Where a text stops being JSON: engines say it each in their way, or not at all. */

const LITERAL = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;
const STRING = /"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/uy;
const BLANK = /[ \t\n\r]*/y;

/** What an open list or object waits for. @typedef {"value" | "value or end" | "name" | "name or end" | "colon" | "comma or end"} Wanted */

/**
 * @param {string} text
 * @returns {[line: number, column: number] | null} null: it is JSON
 */
export function placeOf(text) {
  /** @type {string[]} */
  const open = [];
  /** @type {Wanted} */
  let wanted = "value";
  let at = 0;
  /** @param {RegExp} pattern */
  const take = (pattern) => {
    pattern.lastIndex = at;
    const isThere = pattern.test(text);
    if (isThere) at = pattern.lastIndex;
    return isThere;
  };
  for (;;) {
    take(BLANK);
    const character = text[at];
    const inside = open.at(-1);
    if (wanted === "comma or end" && inside === undefined) return at === text.length ? null : lineAndColumn(text, at);
    if (/end$/.test(wanted) && character === inside) {
      open.pop();
      at += 1;
      wanted = "comma or end";
    } else if (wanted === "comma or end" && character === ",") {
      at += 1;
      wanted = inside === "}" ? "name" : "value";
    } else if (wanted === "colon" && character === ":") {
      at += 1;
      wanted = "value";
    } else if (/^name/.test(wanted) && take(STRING)) {
      wanted = "colon";
    } else if (/^value/.test(wanted) && (character === "{" || character === "[")) {
      open.push(character === "{" ? "}" : "]");
      at += 1;
      wanted = character === "{" ? "name or end" : "value or end";
    } else if (/^value/.test(wanted) && (take(STRING) || take(LITERAL))) {
      wanted = "comma or end";
    } else {
      return lineAndColumn(text, at);
    }
  }
}

/** @param {string} text @param {number} at @returns {[number, number]} */
function lineAndColumn(text, at) {
  const before = text.slice(0, at).split("\n");
  return [before.length, (before.at(-1)?.length ?? 0) + 1];
}
