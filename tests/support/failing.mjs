/**
 * A reporter for Node's test runner that names the files in which something failed, a line each. A file whose tests go by
 * a seed has `seeded ` before it: what another seed does says nothing of this one.
 *
 * @param {AsyncIterable<{ type: string, data: { file?: string, message?: string } }>} events
 */
export default async function* failing(events) {
  /** @type {Set<string>} */
  const failed = new Set();
  /** @type {Set<string>} */
  const seeded = new Set();
  for await (const { type, data } of events) {
    const file = data.file ?? "";
    if (type === "test:fail") failed.add(file);
    if (type === "test:diagnostic" && data.message?.includes("PROPUSK_SEED")) seeded.add(file);
  }
  for (const file of failed) yield `${seeded.has(file) ? "seeded " : ""}${file}\n`;
}
