import { relative } from "node:path";

/**
 * A reporter for Node's test runner that tells of each test, a line each, what came of it and in which file it is: `pass tests/node/fetch.test.mjs`.
 *
 * @param {AsyncIterable<{ type: string, data: { file?: string, nesting?: number, skip?: string | boolean, details?: { type?: string } } }>} events
 */
export default async function* outcomes(events) {
  for await (const { type, data } of events) {
    if (!/^test:(pass|fail)$/.test(type) || data.details?.type === "suite") continue;
    const skipped = data.skip !== undefined && data.skip !== false;
    yield `${skipped ? "skip" : type.slice("test:".length)} ${relative(".", data.file ?? "").replaceAll("\\", "/")}\n`;
  }
}
