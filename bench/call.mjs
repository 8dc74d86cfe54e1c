/** What a call with a token at hand costs of itself: `client.fetch` with a stub in the place of `fetch`, beside what others and a careful hand take. */
import { Bench } from "tinybench";
import { load } from "../tests/support/package.mjs";
import { ACCOUNTS } from "../tests/support/sandbox.mjs";
import { byHand } from "./by-hand.mjs";
import { oidc } from "./oidc.mjs";
import { service, TOKEN } from "./service.mjs";
import { table } from "./table.mjs";

/** Calls in one measurement. */
const BATCH = 200;
const BASE = "https://kassa.bifit.com/cashdesk-api/v1";
const KASSA = "bifit-kassa";

/** The same Response each time: what is measured is what happens before it comes. */
const response = new Response("{}", { headers: { "content-type": "application/json" } });
const answer = service(TOKEN);
/** @type {typeof fetch} */
const stub = async (input, init) => (String(input).endsWith("/oauth/token") ? answer(input, init) : response);
globalThis.fetch = stub;

const { AuthClient } = await load();
const options = { provider: /** @type {"bifit-kassa"} */ (KASSA), fetch: stub };
const client = await AuthClient.create(options);
await client.login(ACCOUNTS[KASSA]);
const traced = await AuthClient.create({ ...options, onTrace: () => {} });
await traced.login(ACCOUNTS[KASSA]);
const hand = byHand(KASSA, BASE, ACCOUNTS[KASSA]);
await hand.login();
const manager = await oidc(await client.getAccessToken());

/** The first is what the others are compared with. @type {Record<string, () => Promise<unknown>>} */
const WAYS = {
  "by hand: new Headers, fetch": () => hand.fetch("protected/goods"),
  "the stub alone": () => stub(`${BASE}/protected/goods`),
  "propusk: client.fetch": () => client.fetch("protected/goods"),
  "propusk: client.fetch, an absolute address": () => client.fetch(`${BASE}/protected/goods`),
  "propusk: client.fetch, somebody listens to traces": () => traced.fetch("protected/goods"),
  "oidc-client-ts: getUser, a header, fetch": async () => {
    const { access_token: token } = await manager.getUser();
    return stub(`${BASE}/protected/goods`, { headers: { authorization: `Bearer ${token}` } });
  },
};

const bench = new Bench({ time: 1500, warmupTime: 500 });
for (const [name, call] of Object.entries(WAYS)) {
  bench.add(name, async () => {
    for (let n = 0; n < BATCH; n += 1) await call();
  });
}
await bench.run();
const results = bench.tasks.map(({ name, result }) => {
  if (!("latency" in result)) throw new Error(`${name}: ${result.state}`);
  return { name, ...result.latency };
});
const [{ p50: least }] = results;
const micros = (/** @type {number} */ milliseconds) => ((milliseconds * 1e3) / BATCH).toFixed(2);
table(
  `A call with a token of ${TOKEN} characters, \`fetch\` stubbed, in µs per awaited call (batches of ${BATCH}, tinybench)`,
  ["", "median", "ratio", "mean", "±"],
  results.map(({ name, p50, mean, rme }) => [name, micros(p50), (p50 / least).toFixed(2), micros(mean), `${rme.toFixed(1)} %`]),
);
for (const made of [client, traced]) made.close();
// Others have timers that go on for as long as a token lives.
process.exit();
