/** A sign-in, whichever way the service has: credentials, a second factor, a page of its own. */
import { isSigned, nobody } from "./account.js";
import { open } from "./browser.js";
import { fromEnvironment, Source } from "./credentials.js";
import { Loopback } from "./loopback.js";

/** @typedef {import("./context.js").Context} Context */
/** @typedef {import("./account.js").Account} Account */

/** How often a wrong code may be typed. */
const TRIES = 3;

/**
 * @param {Context} context
 * @param {Account} account
 * @param {Record<string, unknown>} [more] options of the client
 * @returns {Promise<any>} the session
 */
export function signIn(context, account, more = {}) {
  const isRedirect = account.service.profile.login?.kind === "redirect";
  return isRedirect ? byPage(context, account, more) : byCredentials(context, account, more);
}

/**
 * A client that somebody is signed in with. Where calls are signed with the credentials themselves, which are not kept, they
 * come from the environment or the terminal each time.
 *
 * @param {Context} context
 * @param {Account} account
 * @param {Record<string, unknown>} [more] options of the client
 * @param {(client: any) => Promise<unknown>} [look] whether there is anything else to object to, before somebody is asked for something
 */
export async function signedIn(context, account, more, look) {
  const { accounts, interrupt, texts } = context;
  const client = await accounts.client(account, more);
  if (client.session || account.service.profile.present?.optional || account.set.anonymous === "true") return client;
  accounts.sure();
  await look?.(client);
  const source = new Source(context);
  try {
    if (!isSigned(account) || !source.hasAll(account.service)) throw nobody(account, texts);
    await client.login(await source.credentials(account.service), { signal: interrupt.signal });
    return client;
  } finally {
    source.close();
  }
}

/** @param {Context} context @param {Account} account @param {Record<string, unknown>} more */
async function byCredentials(context, account, more) {
  const { accounts, interrupt } = context;
  const source = new Source(context);
  try {
    source.begin(account.service);
    const client = await accounts.client(account, more);
    accounts.sure();
    const credentials = await source.credentials(account.service);
    const { signal } = interrupt;
    return await accounts.patiently(account.service, client.login(credentials, { signal }).catch((/** @type {any} */ error) => secondStep(context, client, source, error)));
  } finally {
    source.close();
  }
}

/**
 * @param {Context} context
 * @param {any} client
 * @param {Source} source
 * @param {any} error what the first step was rejected with
 */
async function secondStep({ interrupt: { signal }, output, texts }, client, source, error) {
  if (error?.code !== "second_factor_required") throw error;
  if (source.code !== null) return client.confirm(source.code, { signal });
  const terminal = source.terminal();
  if (!terminal) throw error;
  for (let n = 1; ; n += 1) {
    const code = await terminal.ask(texts.login.code, true);
    try {
      return await client.confirm(code.trim(), { signal });
    } catch (refused) {
      if (/** @type {any} */ (refused)?.code !== "invalid_second_factor" || n === TRIES) throw refused;
      output.say(texts.login.codeAgain);
    }
  }
}

/** @param {Context} context @param {Account} account @param {Record<string, unknown>} more */
async function byPage({ accounts, interrupt, output, texts }, account, more) {
  fromEnvironment();
  const { signal } = interrupt;
  const loopback = new Loopback(texts, account.set.redirectUri || undefined);
  try {
    await loopback.listen();
    const client = await accounts.client(account, { ...more, redirectUri: loopback.redirectUri });
    accounts.sure();
    const address = await client.authorizationUrl({ signal });
    output.say(texts.login.visit);
    output.say(address);
    output.note((await open(address)) ? texts.login.opened : texts.login.waits(loopback.redirectUri));
    const { session } = await interrupt.race(loopback.wait((/** @type {string} */ back) => client.handleRedirect(back, { signal })));
    return session;
  } finally {
    await loopback.close();
  }
}
