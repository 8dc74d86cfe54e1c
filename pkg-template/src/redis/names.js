/**
 * @typedef {object} Names
 * @property {string} value where the value is
 * @property {string} record where it stands when it was changed
 * @property {string} lock
 * @property {string} held whose lock it was, for when it ended without being given back
 * @property {string} channel where changes are told
 */

/** What our own names begin with, after the prefix. */
const OWN = "propusk:{";

/** What follows the prefix in the name of a value that could not lie under its own. */
const AWKWARD = /^propusk:\{~([^}]*)\}:~value$/s;

/**
 * The names in Redis for a key of the store. All begin with the prefix, and all but the value's with "propusk:" after it, for the sake of access lists;
 * so values, records and locks of different keys never meet. Scripts need all of a key's together, and a cluster asks that they lie in one hash slot:
 * it hashes what stands between the first braces, or all of a name that has none, or nothing, between them.
 *
 * @param {string} prefix
 * @param {string} before what the client itself puts before every key, though not before channels
 * @returns {(key: string) => Names}
 */
export function naming(prefix, before) {
  const head = before + prefix;
  return (key) => {
    const whole = head + key;
    const tag = tagOf(whole);
    // No other name could lie beside it, or it looks like one of ours.
    const isAwkward = key.startsWith(OWN) || (tagOf(head) === null && (whole === "" || head.includes("{") || (tag === null && whole.includes("}"))));
    const [shared, mark, rest] = isAwkward ? [`~${escaped(whole)}`, "~", ""] : [tag ?? whole, "", tag === null ? "" : `:${key}`];
    const name = (/** @type {string} */ kind) => `${prefix}${OWN}${shared}}:${mark}${kind}${rest}`;
    return {
      value: isAwkward ? name("value") : prefix + key,
      record: name("record"),
      lock: name("lock"),
      held: name("held"),
      channel: before + name("changed"),
    };
  };
}

/**
 * The other way round: the key whose value lies under a name, if one does.
 *
 * @param {string} name
 * @param {string} head the client's prefix and the store's
 * @returns {string | null}
 */
export function keyOf(name, head) {
  const rest = name.slice(head.length);
  if (!rest.startsWith(OWN)) return rest;
  const [, whole] = AWKWARD.exec(rest) ?? [];
  const key = whole === undefined ? "" : whole.replace(/%7D/g, "}").replace(/%25/g, "%");
  return key.startsWith(head) ? key.slice(head.length) : null;
}

/** What a cluster hashes of a name, null being all of it. @param {string} name */
function tagOf(name) {
  const open = name.indexOf("{");
  const close = open < 0 ? -1 : name.indexOf("}", open + 1);
  return close > open + 1 ? name.slice(open + 1, close) : null;
}

/** Without what ends a tag. @param {string} text */
function escaped(text) {
  return text.replace(/[%}]/g, (sign) => (sign === "%" ? "%25" : "%7D"));
}
