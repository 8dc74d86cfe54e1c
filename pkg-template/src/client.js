import { bridge } from "./bridge.js";
import { AuthError, isAuthError } from "./error.js";
import { core } from "./load/bind.js";


/** Older browsers have no `Symbol.dispose`. @type {typeof Symbol.dispose} */
const DISPOSE = /** @type {any} */ (Symbol.dispose ?? Symbol.for("Symbol.dispose"));

/** Only `create` makes clients. */
const INSIDE = Symbol();

/** The class that callers see. What it does is done in the module; here are only names. */
export class AuthClient {
  /** @type {import("#glue").Client | null} */
  #client;
  #provider;

  /**
   * @param {symbol} [inside]
   * @param {import("#glue").Client} [client]
   */
  constructor(inside, client) {
    if (inside !== INSIDE || !client) {
      throw new AuthError({ code: "invalid_config", message: "use `await AuthClient.create(options)` instead of `new`" });
    }
    this.#client = client;
    this.#provider = client.provider;
  }

  /** @param {any} options */
  static async create(options) {
    const { open } = await load();
    return /** @type {any} */ (new AuthClient(INSIDE, await open(options, bridge)));
  }

  get provider() {
    return this.#provider;
  }

  get session() {
    return this.#client?.session ?? null;
  }

  /** @param {(session: any, reason: any) => void} listener */
  subscribe(listener) {
    if (typeof listener !== "function") {
      throw new AuthError({ code: "invalid_input", message: "`listener` must be a function", provider: this.#provider });
    }
    const id = this.#client?.subscribe(listener);
    return () => {
      if (id !== undefined) this.#client?.unsubscribe(id);
    };
  }

  /**
   * @param {any} credentials
   * @param {any} [options]
   */
  login(credentials, options) {
    return this.#run((client) => client.login(credentials, options));
  }

  /**
   * @param {string} code
   * @param {any} [options]
   */
  confirm(code, options) {
    return this.#run((client) => client.confirm(code, options));
  }

  /** @param {any} [options] */
  authorizationUrl(options) {
    return this.#run((client) => client.authorizationUrl(options));
  }

  /**
   * @param {any} [options]
   * @returns {Promise<never>}
   */
  async loginWithRedirect(options) {
    return /** @type {never} */ (await this.#run((client) => client.loginWithRedirect(options)));
  }

  /**
   * @param {string | URL} [url]
   * @param {any} [options]
   */
  handleRedirect(url, options) {
    return this.#run((client) => client.handleRedirect(url, options));
  }

  /** @param {any} [options] */
  refresh(options) {
    return this.#run((client) => client.refresh(options));
  }

  /** @param {any} [options] */
  getAccessToken(options) {
    return this.#run((client) => client.getAccessToken(options));
  }

  /**
   * @param {RequestInfo | URL} input
   * @param {RequestInit} [init]
   */
  fetch(input, init) {
    return this.#run((client) => client.fetch(input, init));
  }

  /** @param {Response} response */
  problem(response) {
    return this.#run((client) => client.problem(response));
  }

  /** @param {any} [options] */
  check(options) {
    return this.#run((client) => client.check(options));
  }

  /** @param {any} [options] */
  logout(options) {
    return this.#run((client) => client.logout(options));
  }

  close() {
    const client = this.#client;
    if (!client) return;
    this.#client = null;
    client.close();
    // Not at once: `close` may be called from a callback that the client is waiting for.
    queueMicrotask(() => client.free());
  }

  [DISPOSE]() {
    this.close();
  }

  /**
   * @param {(client: import("#glue").Client) => Promise<any>} call
   * @returns {Promise<any>}
   */
  #run(call) {
    if (this.#client) return call(this.#client);
    return Promise.reject(
      new AuthError({
        code: "closed",
        message: "the client was closed",
        provider: this.#provider,
        hint: "Create a new one with `AuthClient.create`.",
      }),
    );
  }
}

/** The module; what keeps it from loading is told as every other error. */
async function load() {
  try {
    return await core();
  } catch (error) {
    throw isAuthError(error) ? error : new AuthError(/** @type {any} */ (error));
  }
}
