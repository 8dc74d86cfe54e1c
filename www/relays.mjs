/** The services behind the page's own origin, by `propusk/relay`: the page talks to this server, and this server to them. */
import { createRelay, toNodeHandler } from "propusk/relay";
import { MOUNTS } from "./app/mounts.js";

/**
 * @param {Record<string, { baseUrl: string, api: string }>} services where they are
 * @param {string} origin of the page
 * @returns {Promise<(request: any, response: any, next: () => void) => void>} `next` is called for what is no relay's
 */
export async function relaysOf(services, origin) {
  /** What a relay is told besides, as by a server of yours. @type {Record<string, { provider?: object, relay?: object }>} */
  const own = {
    bstats: { provider: { redirectUri: `${origin}/` } },
    // Its API is not below the address that logins go to.
    "smart-satu": { relay: { apiBase: new URL(".", services["smart-satu"].api).href } },
  };
  const all = Object.entries(MOUNTS).map(async ([id, { baseUrl: mount, prefixes }]) => {
    /** @type {any} */
    const provider = { provider: id, baseUrl: services[id].baseUrl, ...own[id]?.provider };
    return toNodeHandler(await createRelay({ mount, provider, api: prefixes, ...own[id]?.relay }));
  });
  const relays = await Promise.all(all);
  return (request, response, next) => {
    let ask = next;
    for (const relay of relays) {
      const rest = ask;
      ask = () => relay(request, response, rest);
    }
    ask();
  };
}
