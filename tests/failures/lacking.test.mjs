/** Hosts that lack something, or have it in a bad state: every call settles, with what it is for or with an AuthError. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "../stores/support/scratch.mjs";

/** Node makes its own classes when the first of them is asked for, and needs for that what a test takes away. */
const NODE = "await new Response(new Blob([])).text();";

const PROGRAM = `
const { AuthClient, isAuthError } = await import("propusk");
const bytes = Buffer.from('{"access_token":"access","refresh_token":"refresh","token_type":"bearer","expires_in":3600}');
// A stream of bytes, since Node needs some of what is missing to send a text.
const answer = () => new Response(new ReadableStream({ start: (controller) => (controller.enqueue(bytes), controller.close()) }), { headers: [["content-type", "application/json"]] });
const refused = answer();
const settled = async (call) => {
  const late = new Promise((resolve) => setTimeout(resolve, 12_000, "it never settled").unref());
  const outcome = await Promise.race([(async () => call())().then(() => "works", (error) => (isAuthError(error) ? "AuthError" : String(error))), late]);
  return outcome;
};
let client;
const seen = [await settled(async () => (client = await AuthClient.create({ provider: "bifit-kassa", fetch: async () => answer(), retries: 0 })))];
for (const call of ["login", "getAccessToken", "refresh", "fetch", "problem", "logout"]) {
  if (client) seen.push(await settled(() => client[call](call === "login" ? { username: "u", password: "p" } : call === "fetch" ? "x" : call === "problem" ? refused : undefined)));
}
console.log(JSON.stringify([...new Set(seen)].filter((outcome) => !["works", "AuthError"].includes(outcome))));
process.exit();
`;

/** What a host may lack, or have in a bad state. */
const HOSTS = {
  "no Headers": "delete globalThis.Headers;",
  "no Request": "delete globalThis.Request;",
  "no AbortController": "delete globalThis.AbortController;",
  "no AbortSignal": "delete globalThis.AbortSignal;",
  "no performance": "delete globalThis.performance;",
  "no crypto": "delete globalThis.crypto;",
  "no TextDecoder": "delete globalThis.TextDecoder; delete globalThis.TextEncoder;",
  "no structuredClone": "delete globalThis.structuredClone;",
  "no queueMicrotask": "delete globalThis.queueMicrotask;",
  "no DOMException": "delete globalThis.DOMException;",
  "no BroadcastChannel": "delete globalThis.BroadcastChannel;",
  "a clock that throws": "Date.now = () => { throw new Error('no clock'); };",
  "a steady clock that throws": "performance.now = () => { throw new Error('no clock'); };",
  "a clock without numbers": "Date.now = () => NaN;",
};

for (const [what, take] of Object.entries(HOSTS)) {
  test(`a host with ${what}: every call settles, with what it is for or with an AuthError`, async () => {
    assert.equal(await run(`${NODE}${take}${PROGRAM}`), "[]");
  });
}
