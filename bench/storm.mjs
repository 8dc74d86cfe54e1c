/**
 * A thousand calls at once with a token that is over, through a client and through the best that one writes by hand: a
 * shared promise around `fetch`. Times are told and not judged; that the services saw one renewal is checked.
 */
import assert from "node:assert/strict";
import { load } from "../tests/support/package.mjs";
import { ACCOUNTS, GOODS, start } from "../tests/support/sandbox.mjs";
import { byHand } from "./by-hand.mjs";
import { median, table } from "./table.mjs";

const CALLS = 1000;
const ROUNDS = 9;
const SERVICES = /** @type {const} */ (["bifit-kassa", "mobile-smarts"]);

/** @typedef {{ login: () => Promise<unknown>, fetch: (path: string) => Promise<Response> }} Caller */

const { AuthClient } = await load();
const box = await start("--keep-alive");

/** @type {Record<string, (service: (typeof SERVICES)[number], baseUrl: string) => Promise<Caller> | Caller>} */
const CALLERS = {
  propusk: async (provider, baseUrl) => {
    const client = await AuthClient.create({ provider, baseUrl });
    return { login: () => client.login(ACCOUNTS[provider]), fetch: (path) => client.fetch(path) };
  },
  "by hand": (provider, baseUrl) => byHand(provider, baseUrl, ACCOUNTS[provider]),
};

/** How a token is over when the calls begin. @type {Record<string, (service: (typeof SERVICES)[number]) => Promise<unknown>>} */
const ENDS = {
  "known to be over": async (service) => {
    // Half of this life is the longest that either renews ahead.
    await new Promise((resolve) => setTimeout(resolve, 1050));
    await box.options(service, { tokenLifetime: null });
  },
  "refused with 401": (service) => box.expire(service),
};

/** Milliseconds from the first call to the end of the last answer. @param {(typeof SERVICES)[number]} service @param {string} who @param {string} how */
async function round(service, who, how) {
  await box.reset();
  // What both can read; the documents of mobile-smarts print something that is no JSON.
  await box.options(service, { tokenLifetime: how === "known to be over" ? 1 : null, answerStyle: "strict" });
  const caller = await CALLERS[who](service, box.services[service].baseUrl);
  await caller.login();
  await ENDS[how](service);
  const begin = performance.now();
  const calls = Array.from({ length: CALLS }, async () => {
    const response = await caller.fetch(GOODS[service]);
    await response.arrayBuffer();
    return response.status;
  });
  const statuses = await Promise.all(calls);
  const time = performance.now() - begin;
  assert.deepEqual([...new Set(statuses)], [200], `${who}: not every call was answered with 200`);
  const { refresh, api } = await box.counts(service);
  assert.equal(refresh, 1, `${who}: ${refresh} renewals for ${CALLS} calls to ${service}`);
  return { time, requests: refresh + api };
}

/** @type {(string | number)[][]} */
const rows = [];
for (const service of SERVICES) {
  for (const how of Object.keys(ENDS)) {
    /** @type {Record<string, { time: number, requests: number }[]>} */
    const results = { propusk: [], "by hand": [] };
    for (let n = -1; n < ROUNDS; n += 1) {
      // In turns, each first as often as second; the first round of both warms up.
      const order = Object.keys(CALLERS);
      for (const who of n % 2 ? order.reverse() : order) {
        const result = await round(service, who, how);
        if (n >= 0) results[who].push(result);
      }
    }
    const [own, bare] = ["propusk", "by hand"].map((who) => median(results[who].map(({ time }) => time)));
    const [most] = results.propusk.map(({ requests }) => requests).sort((a, b) => b - a);
    rows.push([`${service}, token ${how}`, own.toFixed(0), bare.toFixed(0), (own / bare).toFixed(2), 1, most]);
  }
}
table(
  `${CALLS} calls at once with a token that is over (median of ${ROUNDS} rounds, all bodies read, services on loopback)`,
  ["", "propusk, ms", "by hand, ms", "ratio", "renewals", "requests"],
  rows,
);
await box.stop();
