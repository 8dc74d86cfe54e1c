/** What the tests of one file share: a sandbox that is as new for each of them, and clients that are closed after it. */
import assert from "node:assert/strict";
import { after, afterEach, beforeEach, test } from "node:test";
import { inspect } from "node:util";
import { load } from "./package.mjs";
import { record } from "./recorder.mjs";
import { ACCOUNTS, start } from "./sandbox.mjs";

/** @typedef {import("./sandbox.mjs").Service} Service */

/** Where bstats sends the user back to; nobody listens there. */
export const CALLBACK = "http://127.0.0.1:5173/callback";

export async function suite() {
  const [propusk, box] = await Promise.all([load(), start()]);
  /** @type {(() => unknown)[]} */
  let ends = [];
  let fresh = true;
  beforeEach(async () => {
    if (!fresh) await box.reset();
    fresh = false;
  });
  async function finish() {
    const due = ends;
    ends = [];
    for (const end of due.reverse()) await end();
  }
  afterEach(finish);
  after(box.stop);

  /** Runs `end` after the test. @param {() => unknown} end */
  const later = (end) => void ends.push(end);

  /**
   * One test of many rows, each with a sandbox that is as new. What fails is told with its row.
   *
   * @template T
   * @param {string} name
   * @param {readonly T[]} table
   * @param {(row: T) => Promise<unknown>} check
   */
  function rows(name, table, check) {
    test(name, async () => {
      for (const row of table) {
        try {
          await check(row);
          await finish();
        } catch (error) {
          throw new Error(`with ${inspect(row, { maxStringLength: 100 })}`, { cause: error });
        }
        await box.reset();
      }
    });
  }

  /** @param {any} options of AuthClient */
  async function make(options) {
    const client = await propusk.AuthClient.create(options);
    later(() => client.close());
    return client;
  }

  /** A client of a service in the sandbox. @param {Service} provider @param {object} [options] @returns {Promise<import("propusk").AuthClient<any>>} */
  function create(provider, options = {}) {
    const { baseUrl } = box.services[provider];
    return make({ provider, baseUrl, ...(provider === "bstats" && { redirectUri: CALLBACK }), ...options });
  }

  /** The same, signed in. @param {Service} provider @param {object} [options] */
  async function signedIn(provider, options = {}) {
    const client = await create(provider, options);
    if (provider === "bstats") {
      await client.handleRedirect(await consent(await client.authorizationUrl()));
    } else {
      await client.login(ACCOUNTS[provider]);
    }
    await box.clear();
    return client;
  }

  return {
    propusk,
    box,
    later,
    rows,
    make,
    create,
    signedIn,
    /** @type {typeof record} */
    record: async (answer) => {
      const recorder = await record(answer);
      later(recorder.stop);
      return recorder;
    },
  };
}

/**
 * What the user does on the page of bstats: the address that the answer sends them back to.
 *
 * @param {string} url of the page
 * @param {"allow" | "deny"} [decision]
 */
export async function consent(url, decision = "allow") {
  const body = new URLSearchParams({ login: "demo", password: "demo", decision });
  const response = await fetch(url, { method: "POST", body, redirect: "manual" });
  const location = response.headers.get("location");
  assert.ok(location, `the page of bstats answered ${response.status}`);
  return location;
}

/** Spies for the options that report things. */
export function spies() {
  /** @type {import("propusk").TraceRecord[]} */
  const traces = [];
  /** @type {import("propusk").AuthError[]} */
  const warnings = [];
  return {
    traces,
    warnings,
    hooks: {
      onTrace: (/** @type {import("propusk").TraceRecord} */ record) => void traces.push(record),
      onWarning: (/** @type {import("propusk").AuthError} */ error) => void warnings.push(error),
    },
  };
}

/** Writes down the changes that a client tells of. @param {import("propusk").AuthClient<any>} client */
export function changes(client) {
  /** @type {import("propusk").SessionChange[]} */
  const reasons = [];
  client.subscribe((_, reason) => void reasons.push(reason));
  return reasons;
}

/** What a promise was rejected with. @param {Promise<unknown>} promise @returns {Promise<any>} */
export function failure(promise) {
  return promise.then(
    (value) => assert.fail(`resolved with ${JSON.stringify(value)}`),
    (error) => error,
  );
}

/** A clock that stands still until it is moved. @param {number} [start] */
export function clock(start = Date.now()) {
  let time = start;
  return { now: () => time, pass: (/** @type {number} */ ms) => void (time += ms) };
}

/** A store like a caller's own: `map` is what it holds. */
export function memory() {
  /** @type {Map<string, string>} */
  const map = new Map();
  return {
    map,
    get: (/** @type {string} */ key) => map.get(key) ?? null,
    set: (/** @type {string} */ key, /** @type {string} */ value) => void map.set(key, value),
    delete: (/** @type {string} */ key) => void map.delete(key),
  };
}

/** That all requests of a service were as its documents ask. @param {import("./sandbox.mjs").Entry[]} journal @param {string[]} purposes */
export function allOk(journal, purposes) {
  assert.deepEqual(
    journal.map(({ purpose, verdict, why }) => ({ purpose, verdict, why })),
    purposes.map((purpose) => ({ purpose, verdict: "ok", why: null })),
  );
}
