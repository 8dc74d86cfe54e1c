import { isSigned } from "../account.js";
import { tokenAtHand } from "../at-hand.js";
import { DONE } from "../exits.js";
import { Failure, UsageFault } from "../failure.js";
import { withHeaders } from "../presented.js";
import { signedIn } from "../sign-in.js";

/** Seconds. */
const VALIDITY = "60";

/** @type {import("../context.js").Command} */
export async function token(context) {
  const { words, flags, accounts, interrupt, output, texts } = context;
  const seconds = flags["min-validity"] ?? VALIDITY;
  if (!/^\d{1,12}$/.test(seconds)) throw new UsageFault(texts.usage.seconds);
  const account = await accounts.named(words[0]);
  const minValidity = Number(seconds) * 1000;
  const isPlain = !flags.header && !isSigned(account) && flags.set === undefined && flags["base-url"] === undefined;
  const atHand = isPlain ? await tokenAtHand(account, await accounts.store(), minValidity) : null;
  if (atHand) {
    await (output.json ? output.object(atHand) : output.data(`${atHand.token}\n`));
    return DONE;
  }
  const { signal } = interrupt;
  const { options, presented } = withHeaders();
  // Of what has no token only the header is to be had: nobody is asked for anything else.
  const client = await (isSigned(account) && !flags.header ? accounts.client(account) : signedIn(context, account, options));
  const given = () => client.getAccessToken({ minValidity, signal });
  const value = isSigned(account) && flags.header ? null : await accounts.patiently(account.service, given());
  const line = flags.header ? await headerOf(presented, client, texts) : null;
  const { expiresAt = null } = client.session ?? {};
  if (output.json) await output.object({ token: value, expiresAt, ...(line !== null && { header: line }) });
  else await output.data(`${line ?? value}\n`);
  if (accounts.trouble) output.note(texts.warning(accounts.trouble.message));
  return DONE;
}

/** @param {(client: any) => Promise<Headers>} presented @param {any} client @param {import("../texts.js").Texts} texts */
async function headerOf(presented, client, texts) {
  const headers = await presented(client);
  const authorization = headers.get("authorization");
  if (authorization !== null) return `Authorization: ${authorization}`;
  const others = [...headers].map(([name, value]) => `${name}: ${value}`);
  if (others.length > 0) return others.join("\n");
  throw new Failure("unsupported", texts.token.noHeader, { provider: client.provider, hint: texts.token.useFetch });
}
