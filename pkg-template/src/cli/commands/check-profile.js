import { DONE, OTHER } from "../exits.js";
import { UsageFault } from "../failure.js";
import { faultsOf } from "../faults.js";
import { clean } from "../output.js";
import { Watch } from "../sent.js";
import { profileIn, Unparsable } from "../service.js";
import { optionsOf, readSet } from "../settings.js";
import { signIn } from "../sign-in.js";

/** @typedef {import("../context.js").Context} Context */
/** @typedef {import("../faults.js").Fault} Fault */

/** Where the user would be sent back to; nothing is sent while a profile is looked at. */
const NOWHERE = "http://127.0.0.1/";

/** @type {import("../context.js").Command} */
export async function checkProfile(context) {
  const { words, flags, output, texts } = context;
  const [path] = words;
  if (!flags.try && flags.stdin) throw new UsageFault(texts.profile.onlyWithTry("--stdin"));
  const read = await profileIn(path, texts).catch((error) => {
    if (error instanceof Unparsable) return error;
    throw error;
  });
  if (read instanceof Unparsable) return told(context, [{ path: "", message: read.message }]);
  const { profile, text } = read;
  const service = { word: path, id: String(profile?.id ?? ""), provider: profile, profile: profile ?? {}, isCustom: true };
  const set = readSet(flags.set ?? [], texts);
  const { redirectUri = NOWHERE, ...own } = optionsOf(service, set);
  const base = flags["base-url"] ? { baseUrl: flags["base-url"] } : {};
  const faults = await faultsOf(profile, text, { ...own, ...base, ...(profile?.login?.kind === "redirect" && { redirectUri }) });
  if (faults.length > 0 || !flags.try) return told(context, faults);

  output.note(texts.profile.faultless);
  const watch = new Watch();
  const account = { service, name: flags.account ?? "default", baseUrl: flags["base-url"] || null, set };
  try {
    // In memory: a profile that is tried out leaves no session behind.
    const session = await signIn(context, account, { ...watch.options, storage: "memory" });
    if (output.json) await output.object({ faults, requests: watch.requests, session });
    else await output.data(`${texts.profile.sent}\n${watch.requests.map(lineOf(texts)).join("")}${texts.profile.understood}\n${JSON.stringify(session, null, 2)}\n`);
    return DONE;
  } catch (error) {
    if (!output.json) await output.data(`${texts.profile.sent}\n${watch.requests.map(lineOf(texts)).join("")}`);
    throw error;
  }
}

/** @param {Context} context @param {Fault[]} faults */
async function told({ output, texts }, faults) {
  if (output.json) await output.object({ faults });
  else if (faults.length === 0) output.note(texts.profile.faultless);
  else {
    await output.data(faults.map(({ path, message }) => `${clean(path || ".")}: ${clean(message)}\n`).join(""));
    output.note(texts.profile.faults(faults.length));
  }
  return faults.length === 0 ? DONE : OTHER;
}

/** @param {import("../texts.js").Texts} texts @returns {(sent: import("../sent.js").Sent) => string} */
const lineOf = ({ profile }) => ({ purpose, method, url, status, error, headers, form, json }) => {
  const parts = [
    [profile.header, headers],
    [profile.form, form],
    [profile.json, json],
  ];
  const shown = parts.filter(([, names]) => names.length > 0).map(([kind, names]) => `    ${kind}: ${/** @type {string[]} */ (names).join(", ")}\n`);
  return `  ${purpose}: ${method} ${clean(url)} -> ${status ?? "-"}${error ? ` (${error})` : ""}\n${clean(shown.join(""))}`;
};
