/**
 * One table of entries by name, in IndexedDB: what one tab has written, the next one reads. (localStorage does not keep
 * that order between processes of a browser.)
 */

const NAME = "propusk";
const TABLE = "entries";

/** Longest wait for the database, milliseconds: as long as it works, and once it was found not to answer. A client waits a little longer. */
const PATIENCE = [4_000, 800];

/** What `exchange` rejects with when the database does not answer: no sign that there is none. */
export class Silence extends Error {
  constructor() {
    super("IndexedDB does not answer");
  }
}

/** Whether it did not answer when it was asked last. */
let isSilent = false;

/** The connection, or the attempt to get one. @type {Promise<IDBDatabase> | null} */
let connection = null;

/** Resolves when the database can be used. */
export async function reach() {
  await within(connect());
}

/**
 * Whether there is no database, and nothing in it: private windows and policies of the browser refuse it. One that fails or is slow is there, and may hold what another
 * run of the page has put into it.
 */
export async function isAbsent() {
  try {
    await reach();
    return false;
  } catch (error) {
    if (error instanceof Silence) return false;
    try {
      const all = await within(globalThis.indexedDB.databases());
      return all.every(({ name }) => name !== NAME);
    } catch (other) {
      return !hasFactory() || [error, other].some((each) => /** @type {any} */ (each)?.name === "SecurityError");
    }
  }
}

function hasFactory() {
  try {
    return Boolean(globalThis.indexedDB);
  } catch {
    return false;
  }
}

/**
 * Looks at an entry and, with `decide`, changes it in the same step: to what that gives, to nothing when that is null,
 * not at all when it is undefined. Resolves with what was there before, when the change is on the disk.
 *
 * @param {string} key
 * @param {((before: any) => unknown) | null} [decide]
 * @param {IDBTransactionDurability} [durability]
 * @returns {Promise<any>}
 */
export async function exchange(key, decide, durability = "strict") {
  /** @type {IDBTransaction | null} */
  let transaction = null;
  let isLate = false;
  const done = begin(decide ? "readwrite" : "readonly", durability).then(
    (begun) =>
      new Promise((resolve, reject) => {
        transaction = begun;
        if (isLate) return begun.abort();
        const table = begun.objectStore(TABLE);
        /** @type {IDBRequest<any>} */
        const looking = table.get(key);
        looking.onsuccess = () => {
          const after = decide?.(looking.result);
          if (after === null) table.delete(key);
          else if (after !== undefined) table.put(after, key);
        };
        begun.oncomplete = () => resolve(looking.result);
        begun.onabort = () => reject(begun.error ?? looking.error ?? new Error("IndexedDB gave up"));
      }),
  );
  try {
    return await within(done);
  } catch (error) {
    // Nobody waits for it any more, so it must not happen later.
    isLate = true;
    quietly(() => transaction?.abort());
    // Some browsers lose the connection when the page was long in the background; a new one mends that.
    leave();
    throw error;
  }
}

/**
 * @param {IDBTransactionMode} mode
 * @param {IDBTransactionDurability} durability
 */
async function begin(mode, durability) {
  const database = await connect();
  try {
    return database.transaction(TABLE, mode, { durability });
  } catch {
    // The connection was closed underneath.
    leave();
    return (await connect()).transaction(TABLE, mode, { durability });
  }
}

function connect() {
  if (connection) return connection;
  const mine = open().then((database) => {
    if (connection !== mine) {
      // Given up meanwhile.
      database.close();
      return database;
    }
    // Another page changes or deletes the database, the browser has deleted it, or this page goes (an open connection may
    // keep it from the back/forward cache). Whoever needs the database next opens it again.
    database.onversionchange = database.onclose = leave;
    globalThis.addEventListener?.("pagehide", leave, { once: true });
    return database;
  });
  connection = mine;
  mine.catch(() => {
    if (connection === mine) connection = null;
  });
  return mine;
}

function leave() {
  connection?.then((database) => database.close()).catch(() => {});
  connection = null;
}

/**
 * The database as it is, whatever its version, with our table added where it has none.
 *
 * @param {number} [version]
 * @returns {Promise<IDBDatabase>}
 */
function open(version) {
  return new Promise((resolve, reject) => {
    const opening = globalThis.indexedDB.open(NAME, version);
    opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      if (database.objectStoreNames.contains(TABLE)) return resolve(database);
      database.close();
      resolve(open(database.version + 1));
    };
  });
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
function within(promise) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      isSilent = true;
      reject(new Silence());
    }, PATIENCE[Number(isSilent)]);
    promise.then(resolve, reject).finally(() => {
      isSilent = false;
      clearTimeout(timer);
    });
  });
}

/** @param {() => void} act */
function quietly(act) {
  try {
    act();
  } catch {
    // It is over already.
  }
}
