/** Clients whose session is in Redis: one session for all of them, through logins, renewals, logouts and outages. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, GOODS } from "../support/sandbox.mjs";
import { changes, spies, suite } from "../support/suite.mjs";
import { KINDS, redisStore } from "./support/clients.mjs";
import { serve } from "./support/redis.mjs";
import { run, until } from "./support/scratch.mjs";

const KASSA = "bifit-kassa";
const SMARTS = "mobile-smarts";
const { box, create } = await suite();
const server = await serve();

for (const [n, kind] of KINDS.entries()) {
  // The others use another client.
  const next = KINDS[(n + 1) % KINDS.length];

  test(`${kind.name} and ${next.name}: a login, a renewal and a logout in one are seen in the other, and one renewal serves both`, async () => {
    const [one, two] = [
      await create(SMARTS, { storage: redisStore(await kind.connect(server)) }),
      await create(SMARTS, { storage: redisStore(await next.connect(server)) }),
    ];
    const [mine, theirs] = [changes(one), changes(two)];
    await one.login(ACCOUNTS[SMARTS]);
    await until(() => theirs.length === 1);
    assert.deepEqual(two.session, one.session);
    assert.equal((await two.fetch(GOODS[SMARTS])).status, 200);
    await box.clear();
    await Promise.all([one.refresh(), two.refresh()]);
    assert.deepEqual(await box.counts(SMARTS), { refresh: 1 });
    assert.equal(await one.getAccessToken(), await two.getAccessToken());
    await two.logout();
    await until(() => one.session === null);
    assert.deepEqual([mine[0], mine.at(-1)], ["login", "sync"]);
    assert.deepEqual([theirs[0], theirs.at(-1)], ["sync", "logout"]);
    assert.deepEqual([...mine, ...theirs].filter((reason) => reason === "refresh").length, 1);
    assert.equal((await box.families(SMARTS)).reuseDetected, 0);
  });

  test(`${kind.name}: a program goes on with the session of another, and both end by themselves`, async () => {
    const { baseUrl } = box.services[KASSA];
    const program = (/** @type {string} */ source) => `${kind.source(server.url)}
      import { AuthClient } from "propusk";
      import { redisStore } from "propusk/redis";
      const client = await AuthClient.create({ provider: "${KASSA}", baseUrl: "${baseUrl}", storage: redisStore(redis) });
      ${source}`;
    const login = `await client.login(${JSON.stringify(ACCOUNTS[KASSA])}); console.log(client.session.subject);`;
    assert.equal(await run(program(`${login} client.close(); quit();`)), "120041");
    assert.equal(await run(program("console.log((await client.refresh()).subject); client.close(); quit();")), "120041");
    assert.equal(await run(program("console.log((await client.refresh()).subject); quit();")), "120041");
    assert.equal(await run(program("await client.logout(); console.log(client.session); quit();")), "null");
    assert.equal(await run(program("console.log(client.session); quit();")), "null");
  });

  test(`${kind.name}: while Redis is away the session goes on in memory, with a warning; when it is back it is shared again`, async () => {
    const { warnings, hooks } = spies();
    const options = { timeout: 300 };
    const [one, two] = [
      await create(SMARTS, { storage: redisStore(await kind.connect(server), options), ...hooks }),
      await create(SMARTS, { storage: redisStore(await next.connect(server), options) }),
    ];
    await one.login(ACCOUNTS[SMARTS]);
    await until(() => two.session !== null);
    await server.stop("SIGKILL");
    assert.equal((await one.fetch(GOODS[SMARTS])).status, 200);
    await one.refresh();
    await one.refresh();
    assert.ok(one.session);
    const before = await two.getAccessToken();
    await server.start();
    await until(() => one.refresh().then(async () => (await two.getAccessToken()) === (await one.getAccessToken())));
    assert.notEqual(await two.getAccessToken(), before);
    const third = await create(SMARTS, { storage: redisStore(await next.connect(server)) });
    assert.deepEqual(third.session, one.session);
    assert.equal((await third.fetch(GOODS[SMARTS])).status, 200);
    assert.equal((await box.families(SMARTS)).reuseDetected, 0);
    assert.ok(warnings.length > 0);
    for (const { code } of warnings) assert.equal(code, "storage");
  });

  test(`${kind.name}: Redis that is started again loses no session, and nobody notices`, async () => {
    const { warnings, hooks } = spies();
    const one = await create(SMARTS, { storage: redisStore(await kind.connect(server), { timeout: 9_000 }), ...hooks });
    const two = await create(SMARTS, { storage: redisStore(await next.connect(server), { timeout: 9_000 }), ...hooks });
    await one.login(ACCOUNTS[SMARTS]);
    await until(() => two.session !== null);
    await box.clear();
    for (const signal of /** @type {const} */ (["SIGTERM", "SIGKILL"])) {
      await server.stop(signal);
      const renewed = one.refresh();
      await server.start();
      await renewed;
      await until(async () => (await two.getAccessToken()) === (await one.getAccessToken()));
    }
    assert.deepEqual(await box.counts(SMARTS), { refresh: 2 });
    assert.equal((await box.families(SMARTS)).maxSpends, 1);
    assert.deepEqual(warnings, []);
    await one.logout();
  });

  test(`${kind.name}: Redis that comes back empty is no logout: the session goes on, and is stored again`, async () => {
    const { warnings, hooks } = spies();
    const one = await create(KASSA, { storage: redisStore(await kind.connect(server)), ...hooks });
    const reasons = changes(one);
    await one.login(ACCOUNTS[KASSA]);
    await server.command("FLUSHALL");
    await one.refresh();
    assert.deepEqual(reasons, ["login", "refresh"]);
    assert.deepEqual(warnings.map(({ code }) => code), ["storage"]);
    assert.match(String(warnings[0].cause), /lost data/);
    const two = await create(KASSA, { storage: redisStore(await next.connect(server)) });
    assert.deepEqual(two.session, one.session);
    await one.logout();
  });
}
