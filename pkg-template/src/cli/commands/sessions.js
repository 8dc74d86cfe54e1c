import { all } from "../all.js";
import { DONE } from "../exits.js";
import { clean } from "../output.js";
import { moment } from "../moment.js";
import { table } from "../table.js";

/** @type {import("../context.js").Command} */
export async function sessions({ accounts, output, texts }) {
  const found = await all(accounts);
  if (output.json) {
    await output.object({ sessions: found });
    return DONE;
  }
  if (found.length === 0) output.note(texts.sessions.none);
  else await output.data(rows(found, texts));
  return DONE;
}

/** @param {import("../all.js").Told[]} found @param {import("../texts.js").Texts} texts */
export function rows(found, { sessions: { head, yes, no } }) {
  const lines = found.map(({ service, account, subject, expiresAt, renewable }) => [
    clean(service),
    clean(account),
    clean(subject ?? "-"),
    expiresAt === null ? "-" : moment(expiresAt),
    renewable ? yes : no,
  ]);
  return table([head, ...lines]);
}
