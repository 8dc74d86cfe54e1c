import { isSigned, told } from "../account.js";
import { DONE } from "../exits.js";
import { moment } from "../moment.js";
import { signIn } from "../sign-in.js";

/** @type {import("../context.js").Command} */
export async function login(context) {
  const { words, accounts, output, texts } = context;
  const account = await accounts.named(words[0]);
  const session = await signIn(context, account);
  accounts.sure();
  await accounts.remember(account);
  if (output.json) await output.object(told(account, session));
  const until = session.expiresAt === null ? texts.never : texts.login.until(moment(session.expiresAt));
  if (isSigned(account)) output.note(texts.login.notKept(account.service.id));
  else if (!output.json) output.note(texts.login.done(account.service.id, account.name, session.subject, until));
  return DONE;
}
