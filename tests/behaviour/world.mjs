/** What a case is given: the package, the five services, and clients that are closed after it. Nothing here belongs to one runtime. */
import { ok } from "./check.mjs";

/**
 * @typedef {"bifit-kassa" | "invoicebox" | "mobile-smarts" | "bstats" | "smart-satu"} Service
 * @typedef {{ propusk: typeof import("propusk"), control: string, services: Record<Service, { baseUrl: string }> }} Setting
 *   the package; where the sandbox is, as it says itself
 * @typedef {ReturnType<typeof world>} World
 */

/** One good sign-in per service. */
export const ACCOUNTS = {
  "bifit-kassa": { username: "79990000001", password: "secret" },
  invoicebox: { token: "b37c4c689295904ed21eee5d9a48d42e" },
  "mobile-smarts": { username: "user@domain.ru", password: "123456" },
  "smart-satu": { username: "supplier", password: "qwerty" },
};

/** An account of Kassa whose second step is the code 123456. */
export const SECOND_FACTOR = { username: "79990000002", password: "secret" };

/** A path below each service's base that answers a GET with a good credential. */
export const GOODS = {
  "bifit-kassa": "protected/goods",
  invoicebox: "v3/goods",
  "mobile-smarts": "api/v1/goods",
  bstats: "?app=dossier&method=customer.getuuid",
  "smart-satu": "goods",
};

/** @param {Setting} setting */
export function world({ propusk, control, services }) {
  /** @type {(() => unknown)[]} */
  const ends = [];

  /** @param {string} method @param {string} path @param {unknown} [body] @returns {Promise<any>} */
  async function ask(method, path, body) {
    const response = await fetch(control + path, { method, ...(body !== undefined && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }) });
    const text = await response.text();
    ok(response.ok, `an answer of the sandbox to ${method} ${path} instead of ${text}`);
    return JSON.parse(text);
  }

  /** By service and purpose. Whether a browser asks first is no matter of the package. @returns {Promise<Record<string, Record<string, number>>>} */
  const counts = async () => {
    const all = await ask("GET", "/counts");
    for (const purposes of Object.values(all)) delete purposes.preflight;
    return all;
  };

  /** The sandbox's control port. */
  const box = {
    /** @type {(service: Service) => Promise<Record<string, number>>} */
    counts: async (service) => (await counts())[service] ?? {},
    /** How many requests of all services came in. */
    total: async () => Object.values(await counts()).flatMap((purposes) => Object.values(purposes)).reduce((sum, n) => sum + n, 0),
    /** @type {(service: Service) => Promise<any[]>} */
    journal: async (service) => (await ask("GET", `/journal?service=${service}`)).filter((/** @type {any} */ { purpose }) => purpose !== "preflight"),
    clear: () => ask("DELETE", "/journal"),
    /** @type {(service: Service, purpose: string, fault: Record<string, unknown>) => Promise<unknown>} */
    fault: (service, purpose, fault) => ask("POST", "/faults", { service, purpose, ...fault }),
    /** @type {(service: Service, changes: Record<string, unknown>) => Promise<unknown>} */
    options: (service, changes) => ask("PATCH", "/options", { service, ...changes }),
    /** @type {(service: Service) => Promise<unknown>} */
    expire: (service) => ask("POST", "/expire", { service }),
    /** @type {(service: Service) => Promise<unknown>} */
    revoke: (service) => ask("POST", "/revoke", { service }),
    /** Waits until so many requests are held. @type {(service: Service, atLeast?: number) => Promise<void>} */
    held: async (service, atLeast = 1) => ok((await ask("GET", `/held?service=${service}&atLeast=${atLeast}`)).held >= atLeast, `${atLeast} held requests`),
    /** @type {(service: Service) => Promise<unknown>} */
    release: (service) => ask("POST", "/release", { service }),
    /** @type {(service: Service) => Promise<Record<string, number>>} */
    families: (service) => ask("GET", `/families?service=${service}`),
    reset: () => ask("POST", "/reset"),
  };

  /** Where bstats sends the user back to: an address that lets every page read what it answers. */
  const callback = `${control}/counts`;

  /** @param {Service} provider @param {object} [more] @returns {any} */
  const optionsOf = (provider, more = {}) => ({ provider, baseUrl: services[provider].baseUrl, ...(provider === "bstats" && { redirectUri: callback }), ...more });

  /** @param {any} options @returns {Promise<import("propusk").AuthClient<any>>} */
  async function make(options) {
    const client = await propusk.AuthClient.create(options);
    ends.push(() => client.close());
    return client;
  }

  /** A client of a service. @param {Service} provider @param {object} [options] */
  const create = (provider, options) => make(optionsOf(provider, options));

  /** What the user does on the page of bstats: the address that they come back to. @param {string} url @param {"allow" | "deny"} [decision] */
  async function consent(url, decision = "allow") {
    const response = await fetch(url, { method: "POST", body: new URLSearchParams({ login: "demo", password: "demo", decision }) });
    await response.text();
    ok(response.url.startsWith(callback), `an address below ${callback} instead of ${response.url}`);
    return response.url;
  }

  return {
    propusk,
    box,
    services,
    callback,
    consent,
    make,
    create,
    /** @param {any} options @returns {import("propusk").AuthClient<any>} */
    lazy(options) {
      const client = propusk.AuthClient.lazy(options);
      ends.push(() => client.close());
      return client;
    },
    options: optionsOf,
    /** The same, signed in, and nothing of it counted. @param {Service} provider @param {object} [options] */
    async signedIn(provider, options) {
      const client = await create(provider, options);
      if (provider === "bstats") await client.handleRedirect(await consent(await client.authorizationUrl()));
      else await client.login(ACCOUNTS[provider]);
      await box.clear();
      return client;
    },
    /** Closes what the case has made, and makes the services new. */
    async end() {
      for (const end of ends.splice(0).reverse()) end();
      // In a page a login that is pending lies there, and is none of the next case's.
      if (typeof document !== "undefined") sessionStorage.clear();
      await box.reset();
    },
  };
}

/** A store like a caller's own: `map` is what it holds. */
export function memory() {
  /** @type {Map<string, string>} */
  const map = new Map();
  return {
    map,
    get: (/** @type {string} */ key) => map.get(key) ?? null,
    set: (/** @type {string} */ key, /** @type {string} */ value) => void map.set(key, value),
    delete: (/** @type {string} */ key) => void map.delete(key),
  };
}

/** The same with a lock, for several clients. */
export function shared() {
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();
  return {
    ...memory(),
    /** @template T @param {string} _ @param {() => Promise<T>} task @returns {Promise<T>} */
    withLock(_, task) {
      const run = last.then(task);
      last = run.catch(() => {});
      return run;
    },
  };
}

/** A clock that stands still until it is moved. */
export function clock() {
  let time = Date.now();
  return { now: () => time, pass: (/** @type {number} */ ms) => void (time += ms) };
}

/** Writes down the changes that a client tells of. @param {import("propusk").AuthClient<any>} client */
export function changes(client) {
  /** @type {string[]} */
  const reasons = [];
  client.subscribe((_, reason) => void reasons.push(reason));
  return reasons;
}

/** @template T @param {number} n @param {(n: number) => T} call */
export const times = (n, call) => Array.from({ length: n }, (_, at) => call(at));
