import { warnUntold } from "./warning.js";

/** How long until a connection is opened again that does not come back by itself, milliseconds. */
const PAUSE = 1_000;

/** Between two looks whether the client was closed, or opened again, milliseconds. */
const LOOK = 500;

/** How many of those pass until a cluster, which changes its connections without a word, is asked whether something was missed. */
const ROUND = 10;

/**
 * @typedef {object} Watch
 * @property {() => void} listener
 * @property {() => Promise<number | null>} version
 * @property {Promise<number | null> | null} before the version since when changes are not heard of, as far as it is
 *   known; null while they are
 * @property {number | null} last the version when it was last asked for, in a cluster
 */

/** For each client one, whatever stores it has. @type {WeakMap<import("./link.js").Link, ReturnType<typeof hub>>} */
const hubs = new WeakMap();

/** @param {import("./link.js").Link} redis */
export function watching(redis) {
  const known = hubs.get(redis);
  if (known) return known;
  const made = hub(redis);
  hubs.set(redis, made);
  return made;
}

/**
 * Hears of changes on one more connection, which is open while anybody watches.
 *
 * @param {import("./link.js").Link} redis
 */
function hub(redis) {
  /** By channel. @type {Map<string, Set<Watch>>} */
  const watched = new Map();
  /** @type {import("./link.js").Ear | null} */
  let ear = null;
  /** @type {any} a number in browsers, an object in Node */
  let opening;
  /** @type {any} */
  let looking;
  let looks = 0;
  /** Channels whose subscription failed. @type {Set<string>} */
  const unheard = new Set();

  const versionNow = async (/** @type {Pick<Watch, "version">} */ { version }) => (redis.isReady() ? version().catch(() => null) : null);

  /** A client that was closed is not to be outlived by what was made of it. */
  function look() {
    if (redis.isEnded()) return shut();
    if (!opening) open();
    if (!ear?.isReady()) return;
    const isRound = ear.isCluster && ++looks % ROUND === 0;
    for (const [channel, watches] of watched) {
      if (isRound || unheard.has(channel)) void hear(ear, channel);
      if (isRound) watches.forEach((watch) => void compare(channel, watch));
    }
  }

  function open() {
    clearTimeout(opening);
    opening = undefined;
    if (ear || watched.size === 0) return;
    const mine = redis.listen({
      ready() {
        for (const [channel, watches] of watched) {
          // Whoever heard of changes before may have missed some.
          for (const watch of watches) watch.before ??= Promise.resolve(null);
          void hear(mine, channel);
        }
      },
      told(channel) {
        watched.get(channel)?.forEach(tell);
      },
      ended() {
        if (ear !== mine) return;
        shut();
        opening = setTimeout(open, PAUSE);
        opening.unref?.();
      },
    });
    ear = mine;
  }

  function shut() {
    clearTimeout(opening);
    opening = undefined;
    const old = ear;
    ear = null;
    old?.close();
  }

  /**
   * @param {import("./link.js").Ear} mine
   * @param {string} channel
   */
  async function hear(mine, channel) {
    try {
      await mine.subscribe(channel);
    } catch (error) {
      // The connection broke, and there will be another `ready`; or it is not allowed, and then changes are seen when
      // the store is looked at.
      if (/NOPERM/.test(String(/** @type {any} */ (error)?.message))) warnUntold(redis, error);
      else unheard.add(channel);
      return;
    }
    unheard.delete(channel);
    for (const watch of watched.get(channel) ?? []) void catchUp(channel, watch);
  }

  /**
   * Tells of what was missed.
   *
   * @param {string} channel
   * @param {Watch} watch
   */
  async function catchUp(channel, watch) {
    const { before } = watch;
    if (before === null) return;
    watch.before = null;
    const then = await before;
    const isSame = then !== null && then === (await versionNow(watch));
    if (!isSame && watched.get(channel)?.has(watch)) tell(watch);
  }

  /**
   * Tells of what is another version than it was: at times of something that was told already.
   *
   * @param {string} channel
   * @param {Watch} watch
   */
  async function compare(channel, watch) {
    const now = await versionNow(watch);
    const isSame = now === null || watch.last === null || watch.last === now;
    watch.last = now ?? watch.last;
    if (!isSame && watched.get(channel)?.has(watch)) tell(watch);
  }

  /**
   * @param {string} channel
   * @param {() => void} listener
   * @param {() => Promise<number | null>} version of what is told of there
   * @returns {() => void}
   */
  return function watch(channel, listener, version) {
    if (watched.size === 0) {
      looking = setInterval(look, LOOK);
      looking.unref?.();
    }
    const watches = watched.get(channel) ?? new Set();
    /** @type {Watch} */
    const mine = { listener, version, before: versionNow({ version }), last: null };
    mine.before?.then((before) => (mine.last ??= before));
    watched.set(channel, watches.add(mine));
    open();
    if (ear?.isReady()) void hear(ear, channel);
    return () => {
      if (!watches.delete(mine) || watches.size > 0) return;
      watched.delete(channel);
      unheard.delete(channel);
      if (watched.size > 0) {
        if (ear?.isReady()) ear.unsubscribe(channel).catch(() => {});
        return;
      }
      clearInterval(looking);
      shut();
    };
  };
}

/**
 * Tells a listener. What it throws is its own, and keeps nobody else from being told.
 *
 * @param {Watch} watch
 */
function tell({ listener }) {
  try {
    listener();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
