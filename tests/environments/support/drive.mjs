/** What is done in every environment: create, login, fetch, token, refresh. Copied beside each fixture's own script. */

/** An account of the sandbox's. */
const ACCOUNT = { username: "79990000001", password: "secret" };

/** @param {unknown} condition @param {string} what */
function must(condition, what) {
  if (!condition) throw new Error(what);
}

/**
 * The steps that were taken; what fails is thrown, and says in which.
 *
 * @param {{ AuthClient: typeof import("propusk").AuthClient }} propusk
 * @param {string} baseUrl of BIFIT Kassa, or of a relay of it
 */
export async function drive({ AuthClient }, baseUrl) {
  /** @type {string[]} */
  const steps = [];
  /** @template T @param {string} name @param {() => Promise<T>} take @returns {Promise<T>} */
  const step = async (name, take) => {
    try {
      const made = await take();
      steps.push(name);
      return made;
    } catch (error) {
      throw new Error(`${name}: ${error?.code ?? ""} ${error?.message ?? error} ${error?.cause?.message ?? ""}`, { cause: error });
    }
  };
  let passed = 0;
  const client = await step("create", () => AuthClient.create({ provider: "bifit-kassa", baseUrl, now: () => Date.now() + passed }));
  try {
    await step("login", async () => {
      const refusal = await client.login({ ...ACCOUNT, password: "wrong" }).catch((error) => error);
      must(refusal.code === "invalid_credentials", `a wrong password is ${refusal.code}: ${refusal.message}`);
      const { subject } = await client.login(ACCOUNT);
      must(subject === "120041" && client.session?.subject === subject, `signed in as ${subject}`);
    });
    await step("fetch", async () => {
      const answer = await client.fetch("protected/goods");
      must(answer.status === 200 && (await answer.json()).ok === true, `goods: ${answer.status}`);
    });
    await step("token", async () => {
      const token = await client.getAccessToken();
      must(token.length > 10 && token === (await client.getAccessToken()), "a token is handed out twice");
      // Its whole life, and a little more.
      passed += 43_200_000;
      must(token !== (await client.getAccessToken()), "a token that is over is renewed");
    });
    await step("refresh", async () => {
      const token = await client.getAccessToken();
      await client.refresh();
      must(token !== (await client.getAccessToken()), "another token");
      must((await client.fetch("protected/goods")).status === 200, "goods with the new token");
      await client.logout();
      must(client.session === null, "nobody is signed in any more");
    });
  } finally {
    client.close();
  }
  return steps;
}

/**
 * The same as a value that can be sent anywhere.
 *
 * @param {{ AuthClient: typeof import("propusk").AuthClient }} propusk
 * @param {string} baseUrl
 * @returns {Promise<{ steps: string[], error: string | null }>}
 */
export const outcome = (propusk, baseUrl) => drive(propusk, baseUrl).then((steps) => ({ steps, error: null }), (error) => ({ steps: [], error: `${error?.stack ?? error}` }));

/** In a page: leaves it where the browser's driver finds it. The page's own server has a relay there. @param {{ AuthClient: typeof import("propusk").AuthClient }} propusk */
export function report(propusk) {
  const done = outcome(propusk, "/auth/kassa");
  Object.assign(globalThis, { report: done });
  return done;
}
