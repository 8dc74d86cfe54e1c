/** A thousand calls at once with an expired token: the client must renew once, not a thousand times. And bare `fetch`. */
export const CALLS = 1000;

/**
 * @typedef {{ ok: number, renewals: number, seconds: number }} Side
 * @typedef {{ calls: number, propusk: Side, bare: Side }} Storm
 */

/**
 * @param {import("propusk").AuthClient<any>} client
 * @param {{ baseUrl: string, api: string }} where
 * @param {(token: string) => Record<string, string>} headersOf
 * @param {ReturnType<typeof import("./sandbox.js").controlOf>} control
 * @param {(done: number) => void} onProgress
 * @returns {Promise<Storm>}
 */
export async function storm(client, { baseUrl, api }, headersOf, control, onProgress) {
  const service = client.provider;
  const headers = headersOf(await client.getAccessToken());
  await control.expire(service);
  let done = 0;

  /** @param {() => Promise<Response>} call @returns {Promise<Side>} */
  async function side(call) {
    const before = await control.renewals(service);
    const started = performance.now();
    const calls = Array.from({ length: CALLS }, async () => {
      const { status } = await call();
      onProgress(++done);
      return status;
    });
    const answers = await Promise.allSettled(calls);
    const seconds = (performance.now() - started) / 1000;
    const ok = answers.filter((answer) => answer.status === "fulfilled" && answer.value === 200).length;
    // The service's own count, not what this page believes.
    return { ok, seconds, renewals: (await control.renewals(service)) - before };
  }

  // The same way for both. "no-store": else the browser's cache would send equal requests one after the other.
  const init = /** @type {const} */ ({ cache: "no-store" });
  const bare = await side(() => fetch(`${baseUrl}/${api}`, { headers, ...init }));
  const propusk = await side(() => client.fetch(api, init));
  return { calls: CALLS, propusk, bare };
}
