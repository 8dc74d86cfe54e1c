/**
 * One process of a swarm, beside the installed package: makes calls with a client whose session others share, and prints a line of JSON
 * for each thing that happens, at once, so that what came before a kill is known. No token is in them: digests tell them apart.
 */
import { createHash } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { AuthClient, isAuthError } from "propusk";

/** Longest time that a call is tried again after its session was lost, milliseconds. */
const PATIENCE = 120_000;

/** @type {{ store: import("./swarm.mjs").StoreOrder, client: any, credentials: any, path: string, calls: number }} */
const { store: order, client: options, credentials, path, calls } = JSON.parse(process.argv[2]);

const now = () => Number(process.hrtime.bigint()) / 1e6;
const say = (/** @type {string} */ what, /** @type {object} */ more = {}) => void writeSync(1, `${JSON.stringify({ at: now(), what, ...more })}\n`);
const digest = (/** @type {string} */ token) => createHash("sha256").update(token).digest("hex").slice(0, 12);

/** @type {import("propusk").TokenStore} */
const store = await (await import(order.module))[order.make](order.options, (/** @type {string} */ name) => import(name));

/** Of which login a record is. @param {string | null | undefined} record */
const loginOf = (record) => (record ? JSON.parse(record).login : null);
let isSigningOut = false;
const kept = (/** @type {string | null} */ value) =>
  value === null ? say("deleted", { isSigningOut }) : say("stored", { record: digest(value), login: loginOf(value) });

const SWAP = Symbol.for("propusk.swap");
/** What was last found. @type {number | null} */
let last = null;

/** The store, telling what was kept, and found. @type {import("propusk").TokenStore} */
const storage = {
  async get(key) {
    const began = now();
    const record = await store.get(key);
    const login = loginOf(record);
    if (login !== last) say("found", { began, login });
    last = login;
    return record;
  },
  async set(key, value) {
    await store.set(key, value);
    kept(value);
  },
  async delete(key) {
    await store.delete(key);
    kept(null);
  },
  ...(SWAP in store && {
    async [SWAP](/** @type {string} */ key, /** @type {string | null} */ expected, /** @type {string | null} */ value) {
      const isDone = await /** @type {any} */ (store)[SWAP](key, expected, value);
      if (isDone) kept(value);
      return isDone;
    },
  }),
  ...(store.withLock && {
    withLock: (key, task, options) =>
      /** @type {any} */ (store).withLock(
        key,
        (/** @type {AbortSignal} */ signal) => {
          signal.addEventListener("abort", () => say("passed over"));
          return /** @type {any} */ (task)(signal);
        },
        options,
      ),
  }),
  ...(store.watch && { watch: store.watch.bind(store) }),
};

/** The host's, telling of renewals. @param {RequestInfo | URL} input @param {RequestInit} [init] */
async function telling(input, init) {
  const request = new Request(input, init);
  const token = request.method === "POST" && new URLSearchParams(await request.clone().text()).get("refresh_token");
  if (!token) return fetch(request);
  const renewal = digest(token);
  say("sent", { renewal });
  try {
    const response = await fetch(request);
    // What came for it, whatever the answer's form; one that breaks off tells nothing.
    const [, next] = (await response.clone().text().catch(() => "")).match(/refresh_token"?\s*[:=]\s*"([^"]+)"/i) ?? [];
    say("answered", { renewal, status: response.status, ...(next && { next: digest(next) }) });
    return response;
  } catch (error) {
    say("unanswered", { renewal });
    throw error;
  }
}

async function open() {
  const client = await AuthClient.create({
    ...options,
    storage,
    fetch: telling,
    onWarning: (/** @type {any} */ { code, message, cause }) => say("warning", { code, message, cause: cause?.message }),
  });
  client.subscribe((/** @type {any} */ session, /** @type {string} */ reason) => say("changed", { reason, subject: session?.subject }));
  return client;
}

/** A client with a session, also where the store does not answer just now. */
async function enterPatiently() {
  for (const deadline = now() + PATIENCE; ; ) {
    try {
      return await enter();
    } catch (error) {
      if (!isAuthError(error, "storage") || now() > deadline) throw error;
    }
  }
}

/** A client with a session, for which one of all processes signs in. */
async function enter() {
  const signIn = async () => {
    const client = await open();
    if (!client.session) {
      await client.login(credentials);
      say("signed in");
    }
    return client;
  };
  say("entering");
  const client = await (store.withLock ? store.withLock(`sign-in ${options.provider} ${options.account}`, signIn) : signIn());
  say("entered", { subject: client.session?.subject });
  return client;
}

/**
 * @param {import("propusk").AuthClient<any>} client
 * @returns {Promise<{ client: import("propusk").AuthClient<any>, done: object }>}
 */
async function call(client) {
  const deadline = now() + PATIENCE;
  for (;;) {
    try {
      const { status } = await client.fetch(path);
      return { client, done: { status } };
    } catch (error) {
      const { code, message, cause } = /** @type {any} */ (error);
      if (!isAuthError(error, "login_required") || now() > deadline) return { client, done: { code, message, cause: cause?.message } };
      say("lost");
      client.close();
      client = await enterPatiently();
    }
  }
}

/** Descriptors run out for a second, when it is asked for. */
process.on("SIGUSR2", () => {
  /** @type {number[]} */
  const files = [];
  try {
    for (;;) files.push(openSync("/dev/null", "r"));
  } catch {
    setTimeout(() => files.forEach((file) => closeSync(file)), 1000);
  }
});

/** Orders: to sign out, or that it is enough. @type {Set<string>} */
const orders = new Set();
createInterface({ input: process.stdin }).on("line", (order) => orders.add(order));

let client = await enterPatiently();
say("ready");
for (let n = 0; n < calls && !orders.has("enough"); n += 1) {
  const { client: next, done } = await call(client);
  client = next;
  say("called", done);
  if (!orders.delete("sign out")) continue;
  isSigningOut = true;
  say("signing out");
  await client.logout();
  say("signed out");
  isSigningOut = false;
}
client.close();
process.exit(0);
