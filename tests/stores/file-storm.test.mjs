/** Processes that count under the lock, and that are killed at random: no number is lost, and never do two count at once. */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { random } from "./support/chance.mjs";
import { holder } from "./support/holder.mjs";
import { fileStore, scratch, until } from "./support/scratch.mjs";

/** @typedef {{ process: number, what: string, at: number, before?: number, after?: number }} Event */

const now = () => Number(process.hrtime.bigint()) / 1e6;

/**
 * Reads what happened in the order of the machine's clock. A turn ends with its number, or with the end of its process.
 *
 * @param {Event[]} events
 * @param {Map<number, number>} deaths when each process was killed
 */
function examine(events, deaths) {
  const turns = { whole: 0, cut: 0 };
  /** @type {Event | null} */
  let inside = null;
  let number = 0;
  for (const event of events.sort((a, b) => a.at - b.at)) {
    if (event.what === "in") {
      if (inside) {
        const death = deaths.get(inside.process) ?? Infinity;
        assert.ok(death < event.at, `${event.process} came in while ${inside.process} was there: ${JSON.stringify([inside, event, death])}`);
        turns.cut += 1;
        // Killed before or after it wrote.
        assert.ok([number, number + 1].includes(event.before ?? -1), `${event.before} after ${number}`);
      } else {
        assert.equal(event.before, number);
      }
      number = event.before ?? assert.fail();
      inside = event;
    } else if (event.what === "out") {
      assert.equal(event.process, inside?.process);
      assert.equal(event.after, number + 1);
      number += 1;
      inside = null;
      turns.whole += 1;
    }
  }
  return { ...turns, number, isInside: inside !== null };
}

test("eight processes count for some seconds while they are killed and replaced", async (t) => {
  const seed = Number(process.env.PROPUSK_SEED ?? randomInt(2 ** 31));
  t.diagnostic(`seed ${seed}`);
  const chance = random(seed);
  const directory = scratch();
  /** @type {Event[]} */
  const events = [];
  /** @type {Map<number, number>} */
  const deaths = new Map();
  /** @type {Awaited<ReturnType<typeof holder>>[]} */
  const all = [];
  async function start() {
    const one = await holder(directory, { lag: chance() < 0.5 ? 15 : 0 });
    all.push(one);
    one.tell({ does: "storm", key: "key", most: 12 });
    return one;
  }
  const alive = await Promise.all(Array.from({ length: 8 }, start));
  const end = performance.now() + 6_000;
  let cutShort = 0;
  while (performance.now() < end || cutShort < 5) {
    await new Promise((resolve) => setTimeout(resolve, 20 + chance() * 60));
    // Every other time the one that holds the lock, so that all the others want what is left.
    const inside = alive.findIndex(({ lines }) => lines.at(-1)?.what === "in");
    const n = chance() < 0.7 && inside >= 0 ? inside : Math.floor(chance() * alive.length);
    const [victim] = alive.splice(n, 1);
    deaths.set(victim.child.pid ?? 0, now());
    const next = start();
    await victim.kill();
    if (victim.lines.at(-1)?.what === "in") cutShort += 1;
    alive.push(await next);
  }
  for (const one of alive) {
    deaths.set(one.child.pid ?? 0, now());
    await one.kill();
  }
  for (const { child, lines } of all) {
    const last = lines.at(-1);
    assert.ok(last, "it never came to count");
    for (const line of lines) {
      assert.ok(line.what !== "failed", JSON.stringify(line));
      events.push({ process: child.pid, ...line });
    }
  }
  const { whole, cut, number, isInside } = examine(events, deaths);
  t.diagnostic(`${whole} turns, ${cut} cut short, ${deaths.size} processes killed`);
  assert.ok(cut >= 5, "too few were killed while they held the lock");
  const store = fileStore({ directory });
  const value = Number(await store.get("key"));
  assert.ok(value === number || (isInside && value === number + 1), `${value} instead of ${number}`);
  // Whoever comes next tidies up after those that were killed while they held the lock, and while they wrote.
  await store.withLock("key", () => store.set("key", String(value)));
  await until(() => readdirSync(directory).length === 1);
});

test("the place of a dead holder goes to one of those who want it at the same moment, a hundred times", async () => {
  const directory = scratch();
  const heirs = await Promise.all(Array.from({ length: 6 }, () => holder(directory, { lag: 20 })));
  const dying = await holder(directory);
  const keys = Array.from({ length: 100 }, (_, n) => `key ${n}`);
  for (const key of keys) dying.tell({ does: "hold", key });
  for (const key of keys) await dying.says((line) => line.what === "in" && line.key === key);
  await dying.kill();
  // Some at a time: not to have them wait for one another.
  for (const [n, key] of keys.entries()) {
    if (n % 10 === 0) for (const each of keys.slice(n, n + 10)) heirs.forEach((heir) => heir.tell({ does: "count", key: each, pause: 1 }));
    const ends = await Promise.all(heirs.map((heir) => heir.says((line) => ["done", "failed"].includes(line.what) && line.key === key)));
    assert.deepEqual(ends.filter(({ what }) => what === "failed"), []);
    const events = heirs.flatMap(({ child, lines }) => lines.filter((line) => line.key === key && line.at).map((line) => ({ process: child.pid, ...line })));
    assert.deepEqual(examine(events, new Map()), { whole: 6, cut: 0, number: 6, isInside: false });
  }
  await Promise.all(heirs.map((heir) => heir.end()));
});
