/** One account at one service, as the command line and what `login` remembered name it, and a client for it. */
import { Failure, UsageFault } from "./failure.js";
import { Locks } from "./locks.js";
import { clients, stores } from "./package.js";
import { recall, remember } from "./remembered.js";
import { service } from "./service.js";
import { optionsOf, readSet } from "./settings.js";
import { patiently } from "./waiting.js";

/** @typedef {import("./context.js").Context} Context */
/** @typedef {import("./service.js").Service} Service */
/** @typedef {import("../../types/node.js").StoredSession} StoredSession */

/** Where a command that starts no redirect would be sent back to: it is asked for, and not used. */
const NOWHERE = "http://127.0.0.1/";

/**
 * @typedef {object} Account
 * @property {Service} service
 * @property {string} name
 * @property {string | null} baseUrl null: the service's own
 * @property {import("./settings.js").Settings} set
 */

/** What clients of one run have in common. */
export class Accounts {
  /** @param {Context} context */
  constructor(context) {
    this.context = context;
    this.#clients = [];
  }

  /** @type {any[]} */
  #clients;
  /** @type {Promise<{ store: import("../../types/node.js").FileStore, locks: Locks }> | undefined} */
  #opened;
  /** What the store failed at last. @type {any} */
  trouble = null;
  /** What the provider said last, while it is tried again. */
  #isBusy = false;

  /** The store that Node scripts of this user have by default. */
  async store() {
    return (await this.#open()).store;
  }

  #open() {
    return (this.#opened ??= stores().then(({ fileStore }) => {
      const store = /** @type {import("../../types/node.js").FileStore} */ (fileStore());
      return { store, locks: new Locks(store) };
    }));
  }

  /**
   * The one that the command line means.
   *
   * @param {string} word
   * @returns {Promise<Account>}
   */
  async named(word) {
    const { flags, texts } = this.context;
    const name = flags.account ?? "default";
    if (name === "") throw new UsageFault(texts.usage.noAccount);
    const [found, store] = await Promise.all([service(word, texts), this.store()]);
    const known = await recall(store, found.id, name);
    const given = flags["base-url"];
    const baseUrl = given === undefined ? (known.baseUrl ?? (await this.#found(found, name))) : given || null;
    return { service: found, name, baseUrl, set: { ...known.set, ...readSet(flags.set ?? [], texts) } };
  }

  /** A script has signed in, and no `login` was told where: its base URL, where there is only one. @param {Service} service @param {string} name */
  async #found({ id, profile }, name) {
    const bases = new Set((await this.stored()).filter((one) => one.provider === id && one.account === name).map((one) => one.baseUrl));
    const [only] = bases;
    return bases.size !== 1 || only === profile.baseUrl ? null : only;
  }

  /** @returns {Promise<readonly StoredSession[]>} */
  async stored() {
    return (await stores()).listSessions();
  }

  /**
   * @param {Account} account
   * @param {Record<string, unknown>} [more] options
   * @returns {Promise<any>}
   */
  async client({ service, name, baseUrl, set }, more = {}) {
    const { AuthClient } = await clients();
    const isRedirect = service.profile.login?.kind === "redirect";
    const client = await AuthClient.create(
      /** @type {any} */ ({
        provider: service.provider,
        account: name,
        storage: await this.store(),
        ...(baseUrl !== null && { baseUrl }),
        ...(isRedirect && { redirectUri: NOWHERE }),
        ...optionsOf(service, set),
        onWarning: (/** @type {any} */ error) => this.#warned(error),
        onTrace: (/** @type {any} */ record) => (this.#isBusy = record.error === "rate_limited" || record.error === "server_error"),
        ...more,
      }),
    );
    this.#clients.push(client);
    return client;
  }

  /** @param {Account} account */
  async remember({ service, name, baseUrl, set }) {
    await remember(await this.store(), service, name, { baseUrl, set });
  }

  /** A store that does not work is a failure here: memory ends with the command. */
  sure() {
    if (this.trouble) throw this.trouble;
  }

  /**
   * What is asked of a service, with a word of what is waited for.
   *
   * @template T
   * @param {Service} service
   * @param {Promise<T>} promise
   */
  async patiently({ id }, promise) {
    const { texts, output } = this.context;
    const locks = (await this.#opened)?.locks;
    const what = () => (locks?.waiting ? texts.waiting.lock : this.#isBusy ? texts.waiting.busy(id) : texts.waiting.answer(id));
    return patiently(output, what, promise);
  }

  /** Locks are given back, and what is on its way into the store gets there. */
  async end() {
    for (const client of this.#clients) client.close();
    const opened = await this.#opened?.catch(() => null);
    await opened?.locks.end();
  }

  /** @param {any} error */
  #warned(error) {
    const { output, texts } = this.context;
    if (error.code === "storage") this.trouble ??= error;
    else output.note(texts.warning(error.message));
  }
}

/** Whether calls are signed with the credentials themselves: there is no token, and nothing is kept. @param {Account} account */
export function isSigned({ service: { profile, isCustom }, set }) {
  if (!isCustom && set.method !== undefined) return set.method === "basic";
  return profile.login?.kind === "direct" && Array.isArray(profile.credentials) && profile.credentials.length > 1;
}

/** A session as `--json` tells it. @param {Account} account @param {any} session */
export function told({ service, name }, { subject, scope, expiresAt, renewable }) {
  return { service: service.id, account: name, subject, scope, expiresAt, renewable };
}

/** @param {Account} account @param {import("./texts.js").Texts} texts */
export function nobody({ service, name }, texts) {
  return new Failure("login_required", texts.nobody(service.id, name), { provider: service.id, hint: texts.signIn(service.word, name) });
}
