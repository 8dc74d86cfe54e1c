/**
 * Copies of a tab: a browser that duplicates a tab, or opens a window from it, copies its sessionStorage, and with it a session that is thought to be
 * one tab's. So each entry carries the name of its group, which is copied along, and a number that grows with each change. Whoever wants the entry
 * asks the other pages of its group first, and has the newest; whoever changes it tells them. A page that is alone in its group asks nobody, which it knows by
 * the Web Locks that pages of a group hold; where there are none, by a question that nobody answers.
 *
 * Entries are told over a BroadcastChannel, which the same scripts can listen to that can read sessionStorage, and only to copies: where there is none, nothing is sent.
 */
import { tell } from "./changes.js";

/** How long a page has time to answer, milliseconds, and how long one that did not is not asked again. */
const ANSWER = 1_000;
const REST = 10_000;
/** How long a page without Web Locks waits for others to say that they are there, milliseconds. */
const HELLO = 200;

/** @typedef {{ value: string | null, group: string | null, number: number }} Entry */
/** @typedef {{ leave: () => void, heard: Set<string>, ready: Promise<unknown> }} Seat */
/** @typedef {{ group: string, from: string, key?: string, number?: number, value?: string | null, ask?: string, to?: string, bye?: boolean }} Message */

const MARK = /^\{"tab":\["([0-9a-z]+)",([0-9]+)\],/;

const random = () => [...crypto.getRandomValues(new Uint32Array(3))].map((part) => part.toString(36)).join("");

/** This page, and this copy of the package in it. */
const me = random();

/** @param {Storage} storage @param {string} place its name, for those who watch it */
export function copies(storage, place) {
  /** The groups that this page is in, by name: how to leave, and who was heard of there. @type {Map<string, Seat>} */
  const seats = new Map();
  /** Deletions, for copies that have not heard of them. By key. @type {Map<string, Entry>} */
  const gone = new Map();
  /** Pages that did not answer, and until when they are left alone. @type {Map<string, number>} */
  const silent = new Map();
  /** Questions that have no answer yet. @type {Map<string, (message: Message) => void>} */
  const asked = new Map();
  /** @type {BroadcastChannel | null} */
  let channel = null;

  /** @param {string} key @returns {Entry} */
  function read(key) {
    const text = storage.getItem(key);
    if (text === null) return gone.get(key) ?? { value: null, group: null, number: 0 };
    const [mark, group, number] = MARK.exec(text) ?? [];
    return { value: mark ? `{${text.slice(mark.length)}` : text, group: group ?? null, number: Number(number ?? 0) };
  }

  /** @param {string} key @param {Entry} entry @param {object} [owner] who has changed it */
  function write(key, entry, owner) {
    const { value, group, number } = entry;
    if (value === null) {
      storage.removeItem(key);
      if (group) gone.set(key, entry);
    } else {
      // Only what can carry its mark is in a group.
      storage.setItem(key, group && value.startsWith('{"') ? `{"tab":["${group}",${number}],${value.slice(1)}` : value);
      gone.delete(key);
    }
    tell(place, key, owner);
  }

  /** @param {Omit<Message, "from">} message */
  const send = (message) => channel?.postMessage({ ...message, from: me });

  /** @param {{ data: Message }} event */
  function receive({ data }) {
    const { group, from, key, number, value, ask, to, bye } = data;
    const seat = seats.get(group);
    if (!seat || (to && to !== me)) return;
    if (bye) return void seat.heard.delete(from);
    if (!seat.heard.has(from)) {
      seat.heard.add(from);
      if (!to) send({ group, to: from });
    }
    silent.delete(from);
    if (key && number !== undefined) adopt(key, { value: value ?? null, group, number });
    if (ask && to) asked.get(ask)?.(data);
    else if (ask && key) {
      const own = read(key);
      send({ group, to: from, ask, key, ...(own.group === group ? { number: own.number, value: own.value } : {}) });
    }
  }

  /** Takes over what a copy has, if it is newer. @param {string} key @param {Entry} entry */
  function adopt(key, entry) {
    const own = read(key);
    if (own.group !== entry.group || own.number >= entry.number) return;
    try {
      write(key, entry);
    } catch {
      // There is no room for it: it is asked for again.
    }
  }

  /** Makes this page one of the group, before it has an entry of it. @param {string} group */
  function sit(group) {
    const known = seats.get(group);
    if (known) return known.ready;
    if (typeof BroadcastChannel !== "function") return;
    listen();
    /** @type {Seat} */
    const seat = { leave: () => {}, heard: new Set(), ready: Promise.resolve() };
    seats.set(group, seat);
    const locks = globalThis.navigator?.locks;
    seat.ready = new Promise((resolve) => {
      if (locks) {
        const hold = () => (resolve(undefined), new Promise((leave) => (seat.leave = () => leave(undefined))));
        locks.request(`${lockOf(group)}${me}`, hold).catch(resolve);
      } else {
        send({ group });
        setTimeout(resolve, HELLO);
      }
    });
    return seat.ready;
  }

  /** The other pages of a group. @param {string} group */
  async function others(group) {
    const locks = globalThis.navigator?.locks;
    const prefix = lockOf(group);
    const names = locks
      ? ((await locks.query()).held ?? []).flatMap(({ name = "" }) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []))
      : [...(seats.get(group)?.heard ?? [])];
    return names.filter((name) => name !== me);
  }

  /** Asks the other pages for an entry. @param {string} group @param {string} key @param {string[]} pages */
  function inquire(group, key, pages) {
    const waiting = new Set(pages.filter((page) => (silent.get(page) ?? 0) < performance.now()));
    if (waiting.size === 0) return;
    return new Promise((resolve) => {
      const ask = random();
      const end = () => {
        clearTimeout(timer);
        asked.delete(ask);
        resolve(undefined);
      };
      const timer = setTimeout(() => {
        for (const page of waiting) {
          silent.set(page, performance.now() + REST);
          seats.get(group)?.heard.delete(page);
        }
        end();
      }, ANSWER);
      asked.set(ask, ({ from }) => {
        waiting.delete(from);
        if (waiting.size === 0) end();
      });
      send({ group, ask, key });
    });
  }

  function listen() {
    if (channel) return;
    channel = new BroadcastChannel("propusk:tabs");
    /** @type {any} */ (channel).unref?.();
    channel.onmessage = receive;
    globalThis.addEventListener?.("pagehide", leave, { once: true });
  }

  /** An open channel or a lock may keep a page from the back/forward cache. */
  function leave() {
    const groups = [...seats.keys()];
    for (const [group, seat] of seats) {
      send({ group, bye: true });
      seat.leave();
    }
    seats.clear();
    channel?.close();
    channel = null;
    const back = () => {
      for (const group of groups) void sit(group);
      // Nothing was heard meanwhile.
      tell(place, null);
    };
    globalThis.addEventListener?.("pageshow", back, { once: true });
  }

  /** The newest that any copy has, and the copies. @param {string} key */
  async function ask(key) {
    const own = read(key);
    if (own.value !== null && !own.group) await stamp(key, own);
    const { group } = read(key);
    if (!group) return [];
    await sit(group);
    const pages = await others(group);
    await inquire(group, key, pages);
    return pages;
  }

  /** Begins a group with an entry that has none. @param {string} key @param {Entry} entry */
  async function stamp(key, { value }) {
    const group = random();
    await sit(group);
    if (read(key).value !== value) return;
    try {
      write(key, { value, group, number: 1 }, {});
    } catch {
      // The storage is full; what is there stays.
    }
  }

  return {
    /** What this page has, when it has the newest. @param {string} key */
    async newest(key) {
      const pages = await ask(key);
      return { ...read(key), isShared: pages.length > 0 };
    },
    /** A name that copies of the tab share, and other tabs do not. @param {string} key */
    nameOf: (key) => `${key}:${read(key).group ?? ""}`,
    /**
     * Changes the entry here, and tells the copies. Says whether it was as expected.
     *
     * @param {string} key
     * @param {string | null | undefined} expected undefined: whatever is there
     * @param {string | null} value
     * @param {object} owner
     */
    async change(key, expected, value, owner) {
      // A session that begins in a tab without one is that tab's alone.
      const begun = read(key).value === null && value !== null ? random() : null;
      if (begun) await sit(begun);
      const own = read(key);
      if (expected !== undefined && own.value !== expected) return false;
      const group = own.value === null ? (begun ?? own.group) : own.group;
      const entry = { value, group, number: own.number + 1 };
      write(key, entry, owner);
      if (group && (await others(group)).length > 0) send({ group, key, number: entry.number, value });
      return true;
    },
  };
}

/** @param {string} group */
function lockOf(group) {
  return `propusk:tab:${group}:`;
}
