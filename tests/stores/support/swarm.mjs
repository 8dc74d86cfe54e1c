/** Eight processes on one session, killed at random and replaced, until each of the eight has made its calls. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { project } from "../../support/package.mjs";
import { ACCOUNTS, GOODS, start } from "../../support/sandbox.mjs";
import { random } from "./chance.mjs";
import { cutShort, ended, excerpt, lost, strangers, undone, unexplained } from "./ledger.mjs";
import { later } from "./scratch.mjs";

const WORKER = fileURLToPath(new URL("worker.mjs", import.meta.url));

/** How many processes there are, and how many calls are made in the name of each. */
const PROCESSES = 8;
const CALLS = 60;

/** How long an access token lives, seconds, where nothing else is said. */
const LIFETIME = 1;

/**
 * Milliseconds: how long the sandbox takes for an answer, the whole may take, and pass between two kills. Where calls are made until
 * enough were killed, slow answers leave the machine to those who are started anew.
 */
const LATENCY = { kills: 80, calls: 30 };
const LIMIT = 480_000;
const PAUSES = { least: 200, most: 600 };

/** How many are killed, at least; more, as long as no kill came at the wrong moment. */
const KILLS = 24;

/**
 * A store as a process of the swarm opens it: `make` is what `module` exports, called with `options` and a function that imports what is
 * installed beside the package. Its module is found from there too, so one of this repository is named by its address.
 *
 * @typedef {{ module: string, make: string, options: object }} StoreOrder
 *
 * @typedef {object} Swarm
 * @property {StoreOrder} store
 * @property {number} [grace] how long the provider bears with a refresh token that comes again, seconds
 * @property {Party[]} [parties] who shares the store, each with a session of its own; one by default
 * @property {number} [lifetime] of an access token, seconds: a process that stands still for longer between two steps is refused
 * @property {boolean} kill calls are made until enough were killed
 * @property {number} [kills] how many
 * @property {() => Promise<unknown>} [alongside] what else is done until which calls are made
 * @property {{ least: number, most: number }} [pauses] between two kills, milliseconds
 * @property {boolean} [repeats] whether the provider may give a token again that is over by then, so that a call ends with 401
 * @property {(text: string) => void} [tell] what it is doing and what came of it
 * @property {number} [calls] in the name of each process
 * @property {Trouble[]} [troubles] what else goes wrong, one after the other, by chance; calls are made until all of it has
 *
 * @typedef {object} Party
 * @property {"mobile-smarts" | "bifit-kassa"} service
 * @property {number} grace
 * @property {object} [client] more options of its clients
 * @property {object} [credentials]
 *
 * @typedef {object} Scene
 * @property {number[]} pids
 * @property {() => number[]} living those that there are by then; none when it is over
 * @property {number | undefined} holder who has just sent a renewal, and so has the lock
 * @property {() => number} chance
 * @property {(pid: number, order: string) => void} tell
 * @property {(pid: number, what: string) => Promise<boolean>} said waits until a process says something, or has ended
 *
 * @typedef {{ name: string, act: (scene: Scene) => Promise<number[] | null> }} Trouble gives those whom it concerned, null being all
 */

/** What a call may end with while descriptors have run out or a server is asleep. */
const PASSING = ["network", "timeout", "storage"];

/**
 * Lets the swarm make its calls. Fails when a token was spent twice, a session lost, or a call failed, without a kill that explains it.
 *
 * @param {Swarm} options
 */
export async function swarm({ store, grace = 0, parties = [{ service: "mobile-smarts", grace }], lifetime = LIFETIME, kill, pauses = PAUSES, repeats = false, tell = () => {}, troubles = [], calls = CALLS, kills: due = KILLS, alongside }) {
  const seed = Number(process.env.PROPUSK_SEED ?? randomInt(2 ** 31));
  const chance = random(seed);
  tell(`seed ${seed} (PROPUSK_SEED)`);
  const box = await start();
  later(box.stop);
  const latency = kill ? LATENCY.kills : LATENCY.calls;
  for (const { service, grace } of parties) await box.options(service, { tokenLifetime: lifetime, latency, grace });
  copyFileSync(WORKER, join(project(), "worker.mjs"));

  /** @type {import("./ledger.mjs").Event[]} */
  const events = [];
  /** @type {import("./ledger.mjs").Kill[]} */
  const kills = [];
  /** @type {import("./ledger.mjs").Misfortune[]} */
  const misfortunes = [];
  const left = Array(PROCESSES).fill(calls);
  /** @type {Map<number, import("node:child_process").ChildProcess>} by place */
  const alive = new Map();
  /** Who waits until something was said. @type {Set<() => void>} */
  const waiting = new Set();
  const wake = () => waiting.forEach((resolve) => resolve());
  let complaint = "";
  let isOver = false;
  /** Kills and troubles, as long as more of them are to come. */
  const going = new Set([...(kill ? ["kills"] : []), ...(troubles.length > 0 ? ["troubles"] : []), ...(alongside ? ["others"] : [])]);

  /** @param {number} place */
  async function work(place) {
    const party = place % parties.length;
    const { service, client, credentials = ACCOUNTS[service] } = parties[party];
    while ((left[place] > 0 || going.size > 0) && !isOver) {
      const task = {
        store,
        client: { provider: service, baseUrl: box.services[service].baseUrl, ...client },
        credentials,
        path: GOODS[service],
        calls: going.size > 0 ? 1_000_000 : left[place],
      };
      const words = [process.execPath, join(project(), "worker.mjs"), JSON.stringify(task)];
      // With few descriptors, so that they can run out.
      const [command, given] = troubles.length > 0 ? ["sh", ["-c", 'ulimit -n 200; exec "$0" "$@"', ...words]] : [words[0], words.slice(1)];
      const child = spawn(command, given, { stdio: ["pipe", "pipe", "pipe"] });
      child.stdin.on("error", () => {});
      later(() => child.kill("SIGKILL"));
      alive.set(place, child);
      createInterface({ input: child.stdout }).on("line", (line) => {
        const event = { process: child.pid ?? 0, party, ...JSON.parse(line) };
        events.push(event);
        if (event.what === "called") left[place] -= 1;
        if (left[place] <= 0 && going.size === 0) child.stdin.write("enough\n");
        wake();
      });
      child.stderr.on("data", (data) => (complaint += data));
      const [code, signal] = await once(child, "close");
      alive.delete(place);
      wake();
      assert.ok(code === 0 || signal === "SIGKILL", `a process ended with ${code ?? signal}: ${complaint}`);
    }
  }

  /** Until something was said, or a time has passed. @param {number} ms @param {() => unknown} [holds] */
  async function wait(ms, holds = () => false) {
    const end = performance.now() + ms;
    while (!isOver && !holds() && performance.now() < end) {
      await new Promise((resolve) => {
        const go = () => {
          waiting.delete(go);
          clearTimeout(timer);
          resolve(undefined);
        };
        const timer = setTimeout(go, end - performance.now());
        waiting.add(go);
      });
    }
  }

  const said = (/** @type {number | undefined} */ pid, /** @type {string} */ what) => events.some((event) => event.process === pid && event.what === what);

  async function reap() {
    await wait(LIMIT, () => [...alive.values()].length === PROCESSES && [...alive.values()].every(({ pid }) => said(pid, "ready")));
    while (!isOver && (kills.length < due || (kills.length < 3 * due && !(await isSpentTwice())))) {
      await wait(pauses.least + chance() * (pauses.most - pauses.least));
      // Every other time whoever sends a renewal next, and while it is under way: that is when it matters.
      const seen = events.length;
      const sender = () => events.slice(seen).find(({ what }) => what === "sent")?.process;
      if (chance() < 0.5) {
        await wait(1000, sender);
        await wait(chance() * 1.2 * latency);
      }
      const children = [...alive.values()].filter(({ pid }) => said(pid, "ready"));
      const victim = children.find(({ pid }) => pid === sender()) ?? children[Math.floor(chance() * children.length)];
      if (isOver || !victim) continue;
      kills.push({ process: victim.pid ?? 0, at: now() });
      const gone = once(victim, "close");
      victim.kill("SIGKILL");
      await gone;
    }
    going.delete("kills");
  }

  /** As the provider saw it: who was killed had perhaps not sent yet what it was about to send. */
  async function isSpentTwice() {
    const families = await Promise.all(parties.map(({ service }) => box.families(service)));
    return families.some(({ maxSpends }) => maxSpends > 1);
  }

  const childOf = (/** @type {number} */ pid) => [...alive.values()].find((child) => child.pid === pid);

  /** @type {Record<string, number>} */
  const troubled = {};
  async function trouble() {
    await wait(LIMIT, () => alive.size === PROCESSES && [...alive.values()].every(({ pid }) => said(pid, "ready")));
    for (const next of shuffled(troubles, chance)) {
      await wait(300 + chance() * 700);
      const living = () => (isOver ? [] : [...alive.values()].flatMap(({ pid }) => (pid && said(pid, "ready") ? [pid] : [])));
      await wait(LIMIT, () => living().length > 0);
      if (isOver) return;
      const pids = living();
      // Whoever sends a renewal has the lock.
      const seen = events.length;
      await wait(3000, () => events.slice(seen).some(({ what }) => what === "sent"));
      const holder = events.slice(seen).find(({ what, process: pid }) => what === "sent" && pids.includes(pid))?.process;
      const from = now();
      const concerned = await next.act({
        pids,
        living,
        holder,
        chance,
        tell: (pid, order) => childOf(pid)?.stdin?.write(`${order}\n`),
        said: async (pid, what) => {
          await wait(LIMIT, () => said(pid, what) || !childOf(pid));
          return said(pid, what);
        },
      });
      misfortunes.push({ processes: concerned, from, to: now() });
      troubled[next.name] = (troubled[next.name] ?? 0) + 1;
    }
    going.delete("troubles");
  }

  const begin = performance.now();
  const late = setTimeout(() => {
    isOver = true;
    for (const child of alive.values()) child.kill("SIGKILL");
    wake();
  }, LIMIT);
  const reaper = Promise.all([kill && reap(), trouble(), alongside?.().finally(() => going.delete("others"))]);
  try {
    await Promise.all(left.map((_, place) => work(place)));
  } finally {
    clearTimeout(late);
    isOver = true;
    wake();
    await reaper;
  }

  events.sort((a, b) => a.at - b.at);
  const count = (/** @type {string} */ what) => events.filter((event) => event.what === what).length;
  const services = [...new Set(parties.map(({ service }) => service))];
  const families = await Promise.all(services.map((service) => box.families(service)));
  const requests = await Promise.all(services.map((service) => box.counts(service)));
  const sum = (/** @type {(number | undefined)[]} */ numbers) => numbers.reduce((/** @type {number} */ sum, n) => sum + (n ?? 0), 0);
  const result = {
    seconds: Math.round((performance.now() - begin) / 100) / 10,
    kills: kills.length,
    renewals: sum(requests.map(({ refresh }) => refresh)),
    cutShort: cutShort(events, kills).length,
    logins: count("signed in"),
    logouts: count("signed out"),
    refusedCalls: events.filter(({ what, status }) => what === "called" && status === 401).length,
    lost: sum(families.map(({ revoked }) => revoked)),
    maxSpends: Math.max(...families.map(({ maxSpends }) => maxSpends)),
    ...(troubles.length > 0 && { troubled }),
  };
  tell(JSON.stringify(result));

  const complaints = parties.flatMap(({ grace }, party) => {
    const theirs = events.filter((event) => event.party === party);
    const wrong = [...undone(theirs), ...lost(theirs)];
    if (troubles.length === 0) return [...wrong, ...unexplained(theirs, kills)];
    // A provider that bears with a repetition ends nothing, whatever happens.
    return [...wrong, ...(grace > 0 ? ended(theirs) : unexplained(theirs, kills, misfortunes))];
  });
  complaints.push(...strangers(events, parties));
  for (const { what, at, process: pid, ...more } of events) {
    const isFine = more.status === 200 || (repeats && more.status === 401);
    const isExplained = troubles.length > 0 && PASSING.includes(more.code ?? "");
    const isWrong = (what === "called" ? !isFine : what === "warning") && !isExplained;
    if (isWrong) complaints.push(`process ${pid} at ${at}: ${what} ${JSON.stringify(more)}`);
  }
  if (left.some((calls) => calls > 0)) complaints.push(`not done after ${LIMIT} ms: ${left} calls are left`);
  if (complaint) complaints.push(complaint);
  assert.ok(complaints.length === 0, `${complaints.join("\n")}\n${excerpt(events, kills, complaints)}`);
  return { ...result, events, families: Object.fromEntries(services.map((service, n) => [service, families[n]])) };
}

/** On the machine's clock, as the processes tell it. */
function now() {
  return Number(process.hrtime.bigint()) / 1e6;
}

/**
 * The same in another order.
 *
 * @template T
 * @param {T[]} list
 * @param {() => number} chance
 */
function shuffled(list, chance) {
  return list.map((each) => ({ each, at: chance() })).sort((a, b) => a.at - b.at).map(({ each }) => each);
}
