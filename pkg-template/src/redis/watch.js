/** How long until a connection is opened again that does not come back by itself, milliseconds. */
const PAUSE = 1_000;

/**
 * @typedef {object} Watch
 * @property {string} key
 * @property {() => void} listener
 * @property {Promise<number | null> | null} before the version since when changes are not heard of, as far as it is
 *   known; null while they are
 */

/**
 * Hears of changes on one more connection, which is open while anybody watches.
 *
 * @param {import("./link.js").Link} redis
 * @param {(key: string) => import("./names.js").Names} names
 * @param {(key: string) => Promise<number | null>} version
 */
export function watching(redis, names, version) {
  /** By channel. @type {Map<string, Set<Watch>>} */
  const watched = new Map();
  /** @type {import("./link.js").Ear | null} */
  let ear = null;
  /** @type {any} a number in browsers, an object in Node */
  let opening;

  const versionNow = async (/** @type {string} */ key) => (redis.isReady() ? version(key).catch(() => null) : null);

  function open() {
    clearTimeout(opening);
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
    } catch {
      // The connection broke, and there will be another `ready`; or it is not allowed, and then changes are seen when
      // the store is looked at.
      return;
    }
    for (const watch of watched.get(channel) ?? []) void catchUp(channel, watch);
  }

  /**
   * Tells of what was missed.
   *
   * @param {string} channel
   * @param {Watch} watch
   */
  async function catchUp(channel, watch) {
    const { before, key } = watch;
    if (before === null) return;
    watch.before = null;
    const then = await before;
    const isSame = then !== null && then === (await versionNow(key));
    if (!isSame && watched.get(channel)?.has(watch)) tell(watch);
  }

  /**
   * @param {string} key
   * @param {() => void} listener
   * @returns {() => void}
   */
  return function watch(key, listener) {
    const { channel } = names(key);
    if (watched.size === 0) {
      // A client that was closed is not to be outlived by what was made of it.
      redis.on("end", shut);
      redis.on("ready", open);
    }
    const watches = watched.get(channel) ?? new Set();
    /** @type {Watch} */
    const mine = { key, listener, before: versionNow(key) };
    watched.set(channel, watches.add(mine));
    open();
    if (ear?.isReady()) void hear(ear, channel);
    return () => {
      if (!watches.delete(mine) || watches.size > 0) return;
      watched.delete(channel);
      if (watched.size > 0) {
        if (ear?.isReady()) ear.unsubscribe(channel).catch(() => {});
        return;
      }
      redis.off("end", shut);
      redis.off("ready", open);
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
