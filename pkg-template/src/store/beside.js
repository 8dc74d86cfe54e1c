/**
 * What was written to localStorage because the database failed: a value, or that there is none any more. It is taken over into the database when that works
 * again, unless something newer is there.
 *
 * @typedef {{ login: number, renewal: number }} Version of a record: logins count first
 * @typedef {{ text: string, value: string | null, version: Version | null }} Beside value null: whatever is not newer than the version is gone
 */

/** @param {Storage | null} storage @param {string} key @returns {Beside | null} */
export function found(storage, key) {
  const text = storage?.getItem(key) ?? null;
  if (text === null) return null;
  const gone = members(text)?.gone;
  return gone ? { text, value: null, version: versionIn(gone) } : { text, value: text, version: versionIn(members(text)) };
}

/**
 * Writes that a value is gone: that one, or all of until now.
 *
 * @param {Storage} storage
 * @param {string} key
 * @param {string} [value]
 */
export function bury(storage, key, value) {
  const version = value === undefined ? null : versionIn(members(value));
  storage.setItem(key, JSON.stringify({ gone: version ?? { login: Date.now(), renewal: Number.MAX_SAFE_INTEGER } }));
}

/** What was beside has come to where it belongs, or is older than that. @param {Storage | null} storage @param {string} key @param {string} [text] only this */
export function clear(storage, key, text) {
  try {
    if (text === undefined || storage?.getItem(key) === text) storage?.removeItem(key);
  } catch {
    // There is none, so there is nothing in it.
  }
}

/**
 * What holds of the two.
 *
 * @param {string | null} text in the database
 * @param {Beside} beside
 */
export function newer(text, beside) {
  if (text === null) return beside.value;
  const version = versionIn(members(text));
  // Of what has no version, nobody knows when it was written; beside a record of a session it counts for nothing.
  const isBeside = version && beside.version ? compare(beside.version, version) > 0 : beside.value === null ? true : !version;
  const isGone = beside.value === null && version && beside.version && compare(beside.version, version) >= 0;
  return isGone || isBeside ? beside.value : text;
}

/** @param {Version} one @param {Version} other */
function compare(one, other) {
  return one.login - other.login || one.renewal - other.renewal;
}

/** @param {any} record @returns {Version | null} */
function versionIn(record) {
  const { login, renewal } = record ?? {};
  return typeof login === "number" && typeof renewal === "number" ? { login, renewal } : null;
}

/** @param {string} text */
function members(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
