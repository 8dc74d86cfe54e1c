/** What a row of the matrix is tried with. */
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { reported } from "./browser.mjs";
import { environmentOf, install, nodeOf, placeOf, share } from "./fixture.mjs";
import { run, serve } from "./programs.mjs";
import { relayed } from "./relayed.mjs";
import { siteOf } from "./site.mjs";

/** @typedef {Awaited<ReturnType<typeof kitOf>>} Kit */
/** @typedef {{ steps: string[], error: string | null, cases?: import("../../behaviour/cases.mjs").Result[] }} Outcome */

/** Where a server says that it listens. */
export const ADDRESS = /(http:\/\/(?:127\.0\.0\.1|localhost|\[::1\]):\d+)/;

/** A reason to leave an environment out, and no failure: in English, and in Russian. */
export class NotHere extends Error {
  /** @param {string} en @param {string} ru */
  constructor(en, ru) {
    super(en);
    this.reasons = { en, ru };
  }
}

/** @param {Outcome} outcome @returns {string[]} what was done */
export function done({ steps, error, cases }) {
  if (error) throw new Error(error);
  if (!cases) return steps;
  const failed = cases.filter(({ ok }) => !ok);
  if (failed.length) throw new Error(`${failed.length} of ${cases.length} cases:\n${failed.map(({ name }) => name).join("\n")}\nthe first: ${failed[0].error}`);
  return [...steps, `${cases.length} cases`];
}

/** A port that is free: where a server cannot choose one by itself. */
async function free() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}

/** @param {string} text whose last line is JSON @returns {any} */
export const lastLine = (text) => JSON.parse(text.trim().split("\n").at(-1) ?? "");

/**
 * @param {string} name of the fixture
 * @param {{ node?: number, shared?: string }} wants a Node of its own, and where its scripts find what all share
 * @param {{ control: string, services: Record<string, { baseUrl: string }> }} sandbox
 */
export async function kitOf(name, { node: major, shared = "shared" }, sandbox) {
  if (major) await install(`node-${major}`);
  const node = major ? nodeOf(major) : null;
  if (major && !node) throw new NotHere(`npm has no Node ${major} for ${process.platform} ${process.arch}`, `в npm нет Node ${major} для ${process.platform} ${process.arch}`);
  const place = await install(name);
  share(join(place, shared));
  const kassa = sandbox.services["bifit-kassa"].baseUrl;
  const where = { cwd: place, env: environmentOf(place, node, { SANDBOX: JSON.stringify(sandbox), KASSA_URL: kassa }) };
  // The package as this Node has it: it asks the relays.
  const load = (/** @type {string} */ file) => import(pathToFileURL(join(placeOf(name), "node_modules/propusk/dist", file)).href);

  return {
    place,
    /** What its programs find in their environment. */
    env: where.env,
    node: node ?? process.execPath,
    sandbox,
    /** Takes away what another way of building has left. @param {string} folder */
    clean: (folder) => rmSync(join(place, folder), { recursive: true, force: true }),
    /** @param {string} command @param {...string} args */
    run: (command, ...args) => run(command, args, where),
    /** A script of its `package.json`. @param {string} script @param {...string} args */
    script: (script, ...args) => run("npm", ["run", "--silent", script, ...(args.length ? ["--", ...args] : [])], where),
    /** What a program prints in its last line. @param {string} command @param {...string} args */
    outcome: async (command, ...args) => done(lastLine(await run(command, args, where))),
    /**
     * For as long as `use` takes.
     *
     * @template T
     * @param {string[]} command
     * @param {(address: string) => Promise<T>} use
     * @param {RegExp} [sign] what it says when it is ready
     */
    async serving([command, ...args], use, sign = ADDRESS) {
      const { found, stop, output } = await serve(command, args, where, sign);
      try {
        return await use(found.replace("localhost", "127.0.0.1"));
      } catch (error) {
        throw new Error(`${error.message}\n${output().trim().split("\n").slice(-30).join("\n")}`, { cause: error });
      } finally {
        await stop();
      }
    },
    /** What a page reports: of a folder, or of a server behind the page's own. @param {string} what @param {string} [path] */
    async page(what, path = "") {
      const { createRelay, toNodeHandler } = await load("relay.js");
      const relay = toNodeHandler(await createRelay({ mount: "/auth/kassa", provider: { provider: "bifit-kassa", baseUrl: kassa }, api: ["protected/"] }));
      const site = await siteOf(relay, /^http:/.test(what) ? what : join(place, what));
      try {
        return done(await reported(site.address + path));
      } finally {
        await site.stop();
      }
    },
    /** What a page of a server reports that has a relay itself. @param {string} address */
    ownPage: async (address) => done(await reported(`${address}/`)),
    /** What a server itself has done. @param {string} address */
    asked: async (address) => done(await (await fetch(address)).json()),
    /** A port that is free. */
    port: free,
    /** @param {string} address of a server with the relay */
    async relay(address) {
      await relayed(await load("index.js"), address);
      return ["relay"];
    },
  };
}
