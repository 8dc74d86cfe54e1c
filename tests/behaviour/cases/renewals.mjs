/** Renewal: once for everybody, with the newest token, and no session lost to a failure that passes. */
import { ok, refused, same } from "../check.mjs";
import { ACCOUNTS, changes, clock, GOODS, times } from "../world.mjs";

const KASSA = "bifit-kassa";
const PATH = GOODS[KASSA];

/** A client whose token has run out by its own clock. @param {import("../world.mjs").World} world @param {object} [options] */
async function expired({ signedIn }, options) {
  const time = clock();
  const client = await signedIn(KASSA, { now: time.now, ...options });
  time.pass(43_199_000);
  return client;
}

/** @type {Record<string, import("../cases.mjs").Case["run"]>} */
export const renewals = {
  "refresh gives another token, and says so": async ({ signedIn, box }) => {
    for (const service of /** @type {const} */ ([KASSA, "mobile-smarts"])) {
      const client = await signedIn(service);
      const reasons = changes(client);
      const [token, session] = [await client.getAccessToken(), client.session];
      const renewed = await client.refresh();
      ok(renewed !== session && client.session === renewed, "another session object");
      ok((await client.getAccessToken()) !== token, "another token");
      same([reasons, await box.counts(service)], [["refresh"], { refresh: 1 }], service);
    }
  },
  "rotation: each refresh token is spent once": async ({ signedIn, box }) => {
    const client = await signedIn(KASSA);
    for (let round = 0; round < 4; round += 1) await client.refresh();
    const { spent, reuseDetected, maxSpends } = await box.families(KASSA);
    same([spent, reuseDetected, maxSpends], [4, 0, 1]);
    same((await client.fetch(PATH)).status, 200);
  },
  "an answer without a refresh token keeps the old one": async ({ signedIn, box }) => {
    await box.options(KASSA, { omitRefreshToken: true, rotate: false });
    const client = await signedIn(KASSA);
    await client.refresh();
    ok(client.session?.renewable, "a session that can be renewed");
    await client.refresh();
    same(await box.counts(KASSA), { refresh: 2 });
  },
  "calls of every kind with an expired token share one renewal": async (world) => {
    const client = await expired(world);
    await Promise.all(times(30, (n) => [() => client.fetch(PATH), () => client.getAccessToken(), () => client.refresh()][n % 3]()));
    same(await world.box.counts(KASSA), { api: 10, refresh: 1 });
  },
  "a good token is handed out without a request": async ({ signedIn, box }) => {
    const client = await signedIn(KASSA);
    const [first, ...others] = await Promise.all(times(5, () => client.getAccessToken()));
    ok(first.length > 10 && others.every((token) => token === first), "one token");
    same(await box.total(), 0);
  },
  "minValidity: renewed when less is left": async ({ signedIn, box }) => {
    const time = clock();
    const client = await signedIn(KASSA, { now: time.now });
    const token = await client.getAccessToken({ minValidity: 3_600_000 });
    time.pass(43_199_000 - 3_000_000);
    same(await client.getAccessToken(), token);
    ok((await client.getAccessToken({ minValidity: 3_600_000 })) !== token, "a new token");
    same(await box.counts(KASSA), { refresh: 1 });
  },
  "forceRefresh: another token, whatever is left of the old one": async ({ signedIn, box }) => {
    const client = await signedIn(KASSA);
    const token = await client.getAccessToken();
    ok((await client.getAccessToken({ forceRefresh: true })) !== token, "a new token");
    same(await box.counts(KASSA), { refresh: 1 });
  },
  "many calls that are refused are one renewal, and each is repeated once": async ({ signedIn, box }) => {
    const client = await signedIn(KASSA);
    await box.expire(KASSA);
    const answers = await Promise.all(times(12, () => client.fetch(PATH)));
    same(new Set(answers.map(({ status }) => status)).size === 1 && answers[0].status, 200);
    same((await box.counts(KASSA)).refresh, 1);
  },
  "a call that is refused is repeated with its method, headers and body": async ({ signedIn, box }) => {
    const client = await signedIn(KASSA);
    await box.expire(KASSA);
    const answer = await client.fetch(PATH, { method: "POST", body: '{"a":"б"}', headers: { "Content-Type": "application/json" } });
    const { method, echo } = await answer.json();
    same([answer.status, method, JSON.stringify(echo).includes("б")], [200, "POST", true]);
    same(await box.counts(KASSA), { api: 2, refresh: 1 });
  },
  "a call that is refused twice is handed over, and renews no more": async ({ signedIn, box }) => {
    const client = await signedIn(KASSA);
    await box.fault(KASSA, "api", { kind: "status", status: 401, times: -1 });
    same((await client.fetch(PATH)).status, 401);
    same(await box.counts(KASSA), { api: 2, refresh: 1 });
    ok(client.session, "the session");
  },
  "403 renews nothing and repeats nothing": async ({ signedIn, box }) => {
    const client = await signedIn(KASSA);
    await box.fault(KASSA, "api", { kind: "status", status: 403 });
    same((await client.fetch(PATH)).status, 403);
    same(await box.counts(KASSA), { api: 1 });
  },
  "smart-satu: a session that cannot be renewed is had again by the credentials": async ({ signedIn, box }) => {
    const time = clock();
    /** @type {string[]} */
    const reasons = [];
    const credentials = (/** @type {string} */ reason) => (reasons.push(reason), ACCOUNTS["smart-satu"]);
    const client = await signedIn("smart-satu", { now: time.now, credentials });
    ok(client.session?.renewable, "a session that can be renewed");
    time.pass(90_000_000);
    await client.getAccessToken();
    same([await box.counts("smart-satu"), reasons.length], [{ login: 1 }, 1]);
  },
  "credentials that give up: login_required": async ({ signedIn }) => {
    const time = clock();
    const client = await signedIn("smart-satu", { now: time.now, credentials: () => null });
    time.pass(90_000_000);
    await refused(client.getAccessToken(), "login_required");
  },
  "a final refusal ends the session for all who wait, with one event": async (world) => {
    const client = await expired(world);
    const reasons = changes(client);
    await world.box.revoke(KASSA);
    await Promise.all(times(6, () => refused(client.fetch(PATH), "login_required")));
    same([client.session, reasons], [null, ["expire"]]);
    same(await world.box.counts(KASSA), { refresh: 1 });
    await refused(client.refresh(), "login_required");
  },
  "a renewal that fails for the moment keeps the session": async (world) => {
    const client = await expired(world, { retries: 0 });
    const { session } = client;
    for (const [fault, code] of /** @type {[object, string][]} */ ([
      [{ kind: "reset" }, "network"],
      [{ kind: "status", status: 502, body: "<html>", contentType: "text/html" }, "server_error"],
    ])) {
      await world.box.fault(KASSA, "refresh", { .../** @type {any} */ (fault) });
      await refused(client.fetch(PATH), code);
      ok(client.session === session, "the session");
    }
  },
  "a renewal is repeated where that helps": async (world) => {
    const client = await expired(world);
    await world.box.fault(KASSA, "refresh", { kind: "status", status: 503 });
    same((await client.fetch(PATH)).status, 200);
    same(await world.box.counts(KASSA), { refresh: 2, api: 1 });
  },
  "no renewal where the service has none: unsupported": async ({ signedIn }) => {
    for (const service of /** @type {const} */ (["invoicebox", "bstats"])) {
      const client = await signedIn(service);
      await refused(client.refresh(), "unsupported", service);
      ok(client.session, "the session");
    }
  },
};
