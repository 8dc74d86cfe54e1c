/** What a token costs that is at hand: `getAccessToken`, against a function that only gives a text. */
import { Bench } from "tinybench";
import { load } from "../tests/support/package.mjs";
import { ACCOUNTS } from "../tests/support/sandbox.mjs";
import { service, TOKEN } from "./service.mjs";
import { table } from "./table.mjs";

/** Calls in one measurement: a single one takes less time than a look at the clock. */
const BATCH = 1000;

const { AuthClient } = await load();
const client = await AuthClient.create({ provider: "bifit-kassa", fetch: service(TOKEN) });
await client.login(ACCOUNTS["bifit-kassa"]);
const token = await client.getAccessToken();
const bare = async () => token;
const options = { minValidity: 60_000 };

const bench = new Bench({ time: 2000, warmupTime: 500 });
/** @type {Record<string, () => Promise<string>>} */
const WAYS = {
  "an async function that returns a string": bare,
  "client.getAccessToken()": () => client.getAccessToken(),
  "client.getAccessToken({ minValidity })": () => client.getAccessToken(options),
};
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
const nanoseconds = (/** @type {number} */ milliseconds) => ((milliseconds * 1e6) / BATCH).toFixed(0);
const rows = results.map(({ name, p50, mean, rme }) => [name, nanoseconds(p50), (p50 / least).toFixed(2), nanoseconds(mean), `${rme.toFixed(1)} %`]);
table(`A token that is at hand, in ns per awaited call (batches of ${BATCH}, tinybench)`, ["", "median", "ratio", "mean", "±"], rows);
client.close();
