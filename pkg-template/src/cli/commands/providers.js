import { providers as known } from "../../providers.js";
import { DONE } from "../exits.js";
import { unknownService } from "../service.js";

/** @type {import("../context.js").Command} */
export async function providers({ words, output, texts }) {
  const [word] = words;
  if (word !== undefined && !Object.hasOwn(known, word)) throw unknownService(word, Object.keys(known), texts);
  const page = word === undefined ? known : /** @type {any} */ (known)[word];
  if (output.json) await output.object(page);
  else await output.data(`${JSON.stringify(page, null, 2)}\n`);
  return DONE;
}
