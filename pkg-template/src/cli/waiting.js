/** Tells who sits at a terminal what takes so long. */

/** What is shorter needs no words, milliseconds. */
const PATIENCE = 1_000;

/**
 * @template T
 * @param {import("./output.js").Output} output
 * @param {() => string} what is waited for now
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
export async function patiently(output, what, promise) {
  if (!output.isWatched) return promise;
  let told = "";
  const timer = setInterval(() => {
    const now = what();
    if (now !== told) output.note((told = now));
  }, PATIENCE);
  try {
    return await promise;
  } finally {
    clearInterval(timer);
  }
}
