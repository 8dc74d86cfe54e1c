/** A thousand calls at once with an expired token. The client must renew once, not a thousand times. */
export const CALLS = 1000;

/**
 * @param {import("propusk").AuthClient<any>} client
 * @param {string} api
 * @param {ReturnType<typeof import("./sandbox.js").controlOf>} control
 * @param {(done: number) => void} onProgress
 */
export async function storm(client, api, control, onProgress) {
  const service = client.provider;
  await control.expire(service);
  const before = await control.renewals(service);
  const started = performance.now();

  let done = 0;
  const calls = Array.from({ length: CALLS }, async () => {
    // Else the browser's cache would send equal requests one after the other.
    const { status } = await client.fetch(api, { cache: "no-store" });
    onProgress(++done);
    return status;
  });
  const answers = await Promise.allSettled(calls);

  const seconds = (performance.now() - started) / 1000;
  const ok = answers.filter((answer) => answer.status === "fulfilled" && answer.value === 200).length;
  // The service's own count, not what this page believes.
  const renewals = (await control.renewals(service)) - before;
  return { calls: CALLS, ok, renewals, seconds };
}
