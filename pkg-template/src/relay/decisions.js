/** What the module has decided once, of requests and answers that differ in nothing it looks at. */

/** @typedef {import("./gate.js").Verdict} Verdict */
/** @typedef {import("./gate.js").Gate} Gate */
/** @typedef {(name: string) => string | null | undefined} Get */

/** So many decisions are kept, of requests and of answers. */
const MOST = 256;

/** Longest request or answer that is kept, characters. */
const LONGEST = 2048;

/** Stands for what goes on as it is, or not at all. */
const AS_IT_IS = "as it is";

/** The headers of answers that a decision depends on. */
const LOOKED_AT = ["content-encoding", "content-length"];

/** The same where a page's script asks. */
const LOOKED_AT_FOR_SCRIPTS = [...LOOKED_AT, "www-authenticate"];

/** A request as the module reads it. */
export class Head {
  /**
   * @param {import("./facts.js").Facts} facts
   * @param {string[]} names of the headers that the module wants to see
   * @param {Get} get
   */
  constructor({ method, target, own }, names, get) {
    this.method = method;
    this.target = target;
    this.own = own;
    /** @type {string | null} */
    this.authorization = null;
    /** @type {[string, string][]} */
    this.headers = [];
    for (const name of names) {
      const value = get(name);
      if (value === null || value === undefined) continue;
      if (name === "authorization") this.authorization = value;
      this.headers.push([name, value]);
    }
  }

  /** All of it. */
  get whole() {
    const { method, target, own, headers } = this;
    return JSON.stringify({ method, target, own, headers });
  }

  /** Without the credential: whatever it is, the decision is the same. */
  get bare() {
    const { method, target, own, headers } = this;
    return JSON.stringify({ method, target, own, headers: headers.map(([name, value]) => [name, name === "authorization" ? AS_IT_IS : value]) });
  }

  /** The same as a key: no part of it can have a line of its own. */
  get key() {
    let key = `${this.method}\n${this.target}\n${this.own}`;
    for (const [name, value] of this.headers) key += `\n${name}\n${name === "authorization" ? "" : value}`;
    return key;
  }
}

export class Decisions {
  #gate;
  /** @type {Map<string, Verdict>} */
  #verdicts = new Map();
  /** @type {Map<string, Verdict>} */
  #answers = new Map();

  /** @param {Gate} gate */
  constructor(gate) {
    this.#gate = gate;
  }

  /** What becomes of a request whose body nobody has read. @param {Head} head @returns {Verdict} */
  judge(head) {
    const decide = () => this.#gate.judge(head.bare);
    const { key } = head;
    // A query may hold anything: it is not kept.
    const isKept = key.length <= LONGEST && !head.target.includes("?");
    const verdict = isKept ? kept(this.#verdicts, key, decide) : decide();
    const { authorization } = head;
    if (authorization === null || !verdict.own) return verdict;
    return { ...verdict, own: verdict.own.map(([name, value]) => [name, value === AS_IT_IS ? authorization : value]) };
  }

  /** What the page gets of an answer. @param {number} status @param {Get} get @param {boolean} scripts whether a page's script asks @returns {Verdict} */
  answer(status, get, scripts) {
    /** @type {[string, string][]} */
    const given = [];
    for (const name of this.#gate.about.answerHeaders) {
      const value = get(name);
      if (typeof value === "string") given.push([name, value]);
    }
    const lookedAt = scripts ? LOOKED_AT_FOR_SCRIPTS : LOOKED_AT;
    const bare = given.map(([name, value]) => /** @type {[string, string]} */ ([name, lookedAt.includes(name) ? looked(name, value) : AS_IT_IS]));
    const decide = () => this.#gate.answer(status, bare, scripts);
    const key = `${status} ${scripts}\n${bare.join("\n")}`;
    const verdict = key.length <= LONGEST ? kept(this.#answers, key, decide) : decide();
    if (!verdict.headers) return verdict;
    const values = new Map(given);
    return { ...verdict, headers: verdict.headers.map(([name, value]) => [name, value === AS_IT_IS || name === "content-length" ? (values.get(name) ?? value) : value]) };
  }
}

/** Of a length it only matters whether it is one. @param {string} name @param {string} value */
function looked(name, value) {
  return name === "content-length" && /^\d+$/.test(value) ? "0" : value;
}

/** @param {Map<string, Verdict>} map @param {string} key @param {() => Verdict} decide */
function kept(map, key, decide) {
  const known = map.get(key);
  if (known) return known;
  const made = decide();
  if (map.size >= MOST) map.delete(/** @type {string} */ (map.keys().next().value));
  map.set(key, made);
  return made;
}
