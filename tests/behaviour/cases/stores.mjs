/** Where sessions live: in memory, or in a store of the caller's own. */
import { ok, refused, same } from "../check.mjs";
import { ACCOUNTS, changes, clock, GOODS, memory, shared } from "../world.mjs";

const KASSA = "bifit-kassa";
const PATH = GOODS[KASSA];

/** @type {Record<string, import("../cases.mjs").Case["run"]>} */
export const stores = {
  "storage: \"memory\" shares nothing, and warns of nothing": async ({ signedIn, create }) => {
    /** @type {unknown[]} */
    const warnings = [];
    const onWarning = (/** @type {unknown} */ error) => void warnings.push(error);
    await signedIn(KASSA, { storage: "memory", onWarning });
    const other = await create(KASSA, { storage: "memory", onWarning });
    same([other.session, warnings], [null, []]);
  },
  "a store of one's own: the next client finds the session, without a request": async ({ signedIn, create, box }) => {
    const storage = memory();
    const first = await signedIn(KASSA, { storage });
    ok([...storage.map].every(([key, value]) => /^[ -~]+$/.test(key) && typeof value === "string"), "printable keys, and text");
    const second = await create(KASSA, { storage });
    same(second.session, first.session);
    same(await second.getAccessToken(), await first.getAccessToken());
    same(await box.total(), 0);
    same((await second.fetch(PATH)).status, 200);
    await second.logout();
    same((await create(KASSA, { storage })).session, null);
  },
  "a store that answers later, of a class of its own": async ({ signedIn, create }) => {
    class Later {
      #map = new Map();
      async get(/** @type {string} */ key) {
        return this.#map.get(key) ?? null;
      }
      async set(/** @type {string} */ key, /** @type {string} */ value) {
        this.#map.set(key, value);
      }
      async delete(/** @type {string} */ key) {
        this.#map.delete(key);
      }
    }
    const storage = new Later();
    await signedIn(KASSA, { storage });
    const reasons = changes(await create(KASSA, { storage }));
    same(reasons, []);
    same((await create(KASSA, { storage })).session?.subject, "120041");
  },
  "accounts in one store do not meet": async ({ signedIn, create }) => {
    const storage = memory();
    await signedIn(KASSA, { storage, account: "first" });
    same((await create(KASSA, { storage, account: "second" })).session, null);
    same((await create(KASSA, { storage, account: "first" })).session?.subject, "120041");
  },
  "a stored session that is over is renewed when it is used": async ({ signedIn, create, box }) => {
    const [storage, time] = [memory(), clock()];
    await signedIn(KASSA, { storage, now: time.now });
    time.pass(50_000_000);
    const client = await create(KASSA, { storage, now: time.now });
    same(await box.total(), 0);
    same((await client.fetch(PATH)).status, 200);
    same(await box.counts(KASSA), { refresh: 1, api: 1 });
  },
  "two clients with one store and its lock: one renewal for both": async ({ signedIn, create, box }) => {
    const [storage, time] = [shared(), clock()];
    const clients = [await signedIn(KASSA, { storage, now: time.now })];
    clients.push(await create(KASSA, { storage, now: time.now }));
    time.pass(50_000_000);
    const [first, second] = await Promise.all(clients.map((client) => client.getAccessToken()));
    same([first === second, await box.counts(KASSA)], [true, { refresh: 1 }]);
    same((await box.families(KASSA)).maxSpends, 1);
  },
  "a store that fails: memory serves, and one warning says so": async ({ create, propusk }) => {
    /** @type {any[]} */
    const warnings = [];
    const broken = () => Promise.reject(new Error("the disk is full"));
    const storage = { get: () => null, set: broken, delete: broken };
    const client = await create(KASSA, { storage, onWarning: (/** @type {unknown} */ error) => void warnings.push(error) });
    await client.login(ACCOUNTS[KASSA]);
    same((await client.fetch(PATH)).status, 200);
    await client.refresh();
    same([warnings.length, propusk.isAuthError(warnings[0], "storage"), warnings[0].fault], [1, true, "storage"]);
  },
  "a store that is none is invalid_config": async ({ create }) => {
    for (const storage of ["disk", 5, null, true, {}, { get() {} }, { get() {}, set() {}, delete: 5 }]) {
      const { message } = await refused(create(KASSA, { storage }), "invalid_config", JSON.stringify(storage));
      ok(message.includes("storage"), "the option's name");
    }
  },
};
