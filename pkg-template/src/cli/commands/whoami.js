import { nobody, told } from "../account.js";
import { all } from "../all.js";
import { DONE } from "../exits.js";
import { Failure, UsageFault } from "../failure.js";
import { rows } from "./sessions.js";

/** @type {import("../context.js").Command} */
export async function whoami(context) {
  const { words, accounts, output, texts } = context;
  const found = words.length > 0 ? [await one(context)] : await everybody(context);
  if (output.json) await output.object(found.length === 1 ? found[0] : { sessions: found });
  else await output.data(rows(found, texts));
  accounts.sure();
  return DONE;
}

/** @param {import("../context.js").Context} context */
async function one({ words, accounts, texts }) {
  const account = await accounts.named(words[0]);
  const { session } = await accounts.client(account);
  accounts.sure();
  if (!session) throw nobody(account, texts);
  return told(account, session);
}

/** @param {import("../context.js").Context} context */
async function everybody({ flags, accounts, texts }) {
  if (flags["base-url"] !== undefined || flags.set !== undefined) throw new UsageFault(texts.usage.tooFew("whoami", 0), texts.usage.seeHelp("whoami"));
  const found = (await all(accounts)).filter(({ account }) => flags.account === undefined || account === flags.account);
  if (found.length === 0) throw new Failure("login_required", texts.nobodyAnywhere, { hint: texts.signInSomewhere });
  return found;
}
