/** Every environment: its fixture, and how it is tried. A fixture has what its own scaffold makes, and one page or script of ours. */
import { join } from "node:path";
import { done, NotHere } from "./support/kit.mjs";

/**
 * @typedef {(kit: import("./support/kit.mjs").Kit) => Promise<string[]>} Try gives what ran
 * @typedef {object} Environment
 * @property {string} of the npm package whose version is told
 * @property {number} [node] the Node that it needs, where that is newer than the oldest that the package runs in
 * @property {string} [shared] the folder of its scripts that imports what all share
 * @property {Record<string, Try>} rows
 */

/** @param {number} major @returns {Environment} */
const node = (major) => ({
  of: `node-${process.platform}-${process.arch}`,
  node: major,
  rows: {
    [`Node ${major}`]: async ({ node, outcome, serving, relay }) => [
      ...(await outcome(node, "script.mjs")),
      ...(await serving([node, "relay.mjs"], relay)),
    ],
    [`Node ${major}, CommonJS`]: ({ node, outcome }) => outcome(node, "script.cjs"),
  },
});

/** A page that the fixture's script `build` makes. @param {string} of @param {string} title @param {string} folder @param {{ shared?: string, node?: number }} [more] @returns {Environment} */
const built = (of, title, folder, more = {}) => ({
  of,
  shared: "src/shared",
  ...more,
  rows: {
    [title]: async ({ script, page }) => {
      await script("build");
      return page(folder);
    },
  },
});

/** What cannot be tried, and why: in English, and in Russian. @param {string} en @param {string} ru @returns {Try} */
const notHere = (en, ru) => async () => {
  throw new NotHere(en, ru);
};

const STEPS = ["create", "login", "fetch", "token", "refresh"];

/** What a test of the steps has done, where its runner says that it passed. @param {string} output @param {RegExp} sign */
function tested(output, sign) {
  if (!sign.test(output)) throw new Error(`no test has passed:\n${output}`);
  return STEPS;
}

/**
 * A server of one's own with a page: the page goes through the server's relay, and the server itself to the service.
 *
 * @param {string} of
 * @param {string} title
 * @param {string[]} command
 * @param {{ shared: string, node?: number }} more
 * @returns {Environment}
 */
const served = (of, title, command, more) => ({
  of,
  ...more,
  rows: {
    [title]: async ({ env, script, serving, ownPage, asked, port }) => {
      const at = `http://127.0.0.1:${await port()}`;
      Object.assign(env, { HOST: "127.0.0.1", PORT: new URL(at).port, ORIGIN: at });
      await script("build");
      return serving(command, async () => ["in the page:", ...(await ownPage(at)), "on the server:", ...(await asked(`${at}/server`))], /(:\d{4,5})/);
    },
  },
});

/** @param {string} title @param {string} build @param {boolean} isEdge whether it builds routes for the edge @returns {Record<string, Try>} */
const next = (title, build, isEdge) => ({
  [title]: async ({ clean, script, serving, ownPage, asked, relay }) => {
    clean(".next");
    if (!isEdge) clean("app/api/edge");
    await script(build);
    return serving(["next", "start", "--hostname", "127.0.0.1", "--port", "0"], async (address) => {
      const component = await (await fetch(`${address}/server`)).text();
      const told = JSON.parse(Buffer.from(/<output>([\w+/=]+)<\/output>/.exec(component)?.[1] ?? "", "base64").toString());
      return [
        "in a client component:", ...(await ownPage(address)),
        "in a server component:", ...done(told),
        "in a route:", ...(await asked(`${address}/api/node`)),
        ...(isEdge ? ["at the edge:", ...(await asked(`${address}/api/edge`))] : []),
        ...(await relay(address)),
      ];
    });
  },
});

/** A page that needs no build. @param {string} title @returns {Environment} */
const plain = (title) => ({ of: "", rows: { [title]: ({ page }) => page(".") } });

/** @type {Record<string, Environment>} */
export const environments = {
  "node-20": node(20),
  "node-22": node(22),
  "node-24": node(24),
  "node-26": node(26),
  deno: {
    of: "deno",
    rows: {
      Deno: async ({ outcome, serving, relay }) => [
        ...(await outcome("deno", "run", "--no-lock", "--allow-net", "--allow-env", "script.mjs")),
        ...(await serving(["deno", "run", "--no-lock", "--allow-net", "--allow-env", "relay.mjs"], relay)),
      ],
    },
  },
  bun: {
    of: "bun",
    rows: {
      Bun: async ({ place, outcome, serving, relay }) => {
        // What its package calls `bun` is put there by an install script.
        const bun = join(place, `node_modules/@oven/bun-${process.platform}-${process.arch === "arm64" ? "aarch64" : process.arch}/bin/bun`);
        return [...(await outcome(bun, "run", "script.mjs")), ...(await serving([bun, "run", "relay.mjs"], relay))];
      },
    },
  },
  workerd: {
    of: "workerd",
    node: 24,
    shared: "src/shared",
    rows: {
      "Cloudflare Workers (workerd by Wrangler)": ({ serving, relay, sandbox }) =>
        serving(["wrangler", "dev", "--ip", "127.0.0.1", "--port", "0", "--var", `SANDBOX:${JSON.stringify(sandbox)}`], async (address) => [
          ...done(await (await fetch(`${address}/drive`)).json()),
          ...done({ steps: [], error: null, cases: await (await fetch(`${address}/cases`)).json() }),
          ...(await relay(address)),
        ], /Ready on (http:\/\/[\w.]+:\d+)/),
    },
  },
  "plain-page": plain("A page with an import map"),
  "worker-dedicated": plain("Dedicated worker"),
  "worker-shared": plain("Shared worker"),
  "worker-service": plain("Service worker, `propusk/slim`"),
  vite: {
    of: "vite",
    shared: "src/shared",
    rows: {
      "Vite, dev server": ({ serving, page }) => serving(["vite", "--host", "127.0.0.1", "--port", "0"], page),
      "Vite, build": async ({ script, page }) => {
        await script("build");
        return page("dist");
      },
    },
  },
  webpack: built("webpack", "webpack", "dist"),
  rspack: built("@rspack/core", "Rspack", "dist"),
  rollup: built("rollup", "Rollup", "."),
  rolldown: built("rolldown", "Rolldown", "."),
  esbuild: built("esbuild", "esbuild", "."),
  parcel: built("parcel", "Parcel", "dist"),
  next: {
    of: "next",
    rows: { ...next("Next.js, Turbopack", "build", true), ...next("Next.js, webpack", "build:webpack", false), "Next.js, webpack, at the edge": notHere("Next.js fails to build any route for the edge with webpack, one without the package too", "Next.js не собирает маршруты для edge с webpack, и без пакета тоже") },
  },
  sveltekit: served("@sveltejs/kit", "SvelteKit", ["node", "build"], { shared: "src/shared", node: 24 }),
  nuxt: served("nuxt", "Nuxt", ["node", ".output/server/index.mjs"], { shared: "app/shared", node: 24 }),
  astro: served("astro", "Astro", ["node", "dist/server/entry.mjs"], { shared: "src/shared", node: 24 }),
  angular: built("@angular/core", "Angular", "dist/page/browser", { node: 24 }),
  vitest: {
    of: "vitest",
    node: 24,
    rows: Object.fromEntries(
      ["node", "jsdom", "happy-dom"].map((environment) => [`Vitest, ${environment}`, /** @type {Try} */ (async ({ script }) => tested(await script("test", "--environment", environment), /1 passed/))]),
    ),
  },
  jest: {
    of: "jest",
    rows: Object.fromEntries(
      // jsdom of itself has no `fetch`: this one has Node's.
      [["node", "node"], ["jsdom", "jest-fixed-jsdom"]].map(([name, environment]) => [`Jest, ${name}`, /** @type {Try} */ (async ({ script }) => tested(await script("test", "--env", environment), /1 passed/))]),
    ),
  },
};
