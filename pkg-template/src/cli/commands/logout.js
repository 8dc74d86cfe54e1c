import { DONE } from "../exits.js";
import { UsageFault } from "../failure.js";
import { stores } from "../package.js";
import { recall } from "../remembered.js";
import { readSet } from "../settings.js";

/** @typedef {import("../context.js").Context} Context */
/** @typedef {import("../account.js").Account} Account */

/** @type {import("../context.js").Command} */
export async function logout(context) {
  const { words, flags, accounts, output, texts } = context;
  if (flags.all && flags.account !== undefined) throw new UsageFault(texts.usage.twice("--account, --all"));
  const account = await accounts.named(words[0]);
  const { id } = account.service;
  const gone = flags.all ? await everyAccount(context, account) : (await ended(context, account)) ? [account.name] : [];
  accounts.sure();
  if (output.json) await output.object({ service: id, accounts: gone });
  else output.note(gone.length > 0 ? texts.logout.done(id, gone) : texts.logout.nobody(id));
  return DONE;
}

/** @param {Context} context @param {Account} account @returns {Promise<boolean>} whether anybody was signed in */
async function ended({ accounts, interrupt }, account) {
  const client = await accounts.client(account);
  const isSignedIn = client.session !== null;
  // Also where nobody seems to be: a login may be pending.
  await accounts.patiently(account.service, client.logout({ signal: interrupt.signal }));
  return isSignedIn;
}

/** @param {Context} context @param {Account} named */
async function everyAccount(context, named) {
  const { accounts, flags, texts } = context;
  const { service, baseUrl } = named;
  const given = readSet(flags.set ?? [], texts);
  const { removeSession } = await stores();
  /** @type {Set<string>} */
  const gone = new Set();
  const isNarrowed = Boolean(flags["base-url"]);
  if (isNarrowed && !URL.canParse(baseUrl ?? "")) throw new UsageFault(texts.usage.noAddress);
  for (const stored of await accounts.stored()) {
    if (stored.provider !== service.id) continue;
    if (isNarrowed && stored.baseUrl !== new URL(baseUrl ?? "").href.replace(/\/+$/, "")) continue;
    const { set } = await recall(await accounts.store(), service.id, stored.account);
    const account = { service, name: stored.account, baseUrl: stored.baseUrl, set: { ...set, ...given } };
    // At the service too, where that can be done; here in any case.
    await ended(context, account).catch((error) => {
      if (context.interrupt.signal.aborted || (flags.set && error?.code === "invalid_config")) throw error;
    });
    await removeSession(stored);
    gone.add(stored.account);
  }
  return [...gone];
}
