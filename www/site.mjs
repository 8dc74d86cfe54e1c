/** All that the demo's server answers: relays, the page's files, and what no site of yours has, since no service has it. */
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { MOUNTS } from "./app/mounts.js";
import { filesOf } from "./files.mjs";
import { relaysOf } from "./relays.mjs";

/**
 * @param {{ control: string, services: Record<string, { baseUrl: string, api: string }> }} sandbox where the services are
 * @param {string} origin of the page
 * @param {string} [cacheControl] of files
 * @returns {Promise<(request: any, response: any) => void>} a handler of node:http
 */
export async function siteOf({ control, services }, origin, cacheControl = "no-store") {
  const [relays, files] = await Promise.all([relaysOf(services, origin), filesOf(fileURLToPath(new URL(".", import.meta.url)), cacheControl)]);
  const page = { control: "/sandbox", services: Object.fromEntries(Object.entries(MOUNTS).map(([id, { baseUrl, call }]) => [id, { baseUrl, api: call }])) };

  /** What the page changes about the sandbox, which is at another origin. */
  async function controlled(request, response) {
    const { method, headers } = request;
    const body = (await text(request)) || undefined;
    const answer = await fetch(control + request.url.slice(page.control.length), { method, body, headers: { "content-type": headers["content-type"] ?? "" } });
    sendJson(response, answer.status, await answer.text());
  }

  /**
   * The part of a user at bstats who does not leave the page: goes where the relay sends the browser, fills in the form, and
   * tells the way back. No page can do that, since it may read nothing of another origin.
   */
  async function consented(request, response) {
    const { address, form } = JSON.parse(await text(request));
    const relay = new URL(address, origin);
    if (relay.origin !== origin || !relay.pathname.startsWith(`${MOUNTS.bstats.baseUrl}/`)) return sendJson(response, 400, "{}");
    const sent = await fetch(relay, { redirect: "manual" });
    const back = await fetch(sent.headers.get("location") ?? "", { method: "POST", body: new URLSearchParams(form), redirect: "manual" });
    sendJson(response, 200, JSON.stringify({ location: back.headers.get("location") }));
  }

  async function answer(request, response) {
    const { method, url } = request;
    if (url.startsWith(`${page.control}/`)) await controlled(request, response);
    else if (method === "POST" && url === "/consent") await consented(request, response);
    else if (url === "/sandbox.json") sendJson(response, 200, JSON.stringify(page));
    else await files(request, response);
  }

  return (request, response) => {
    response.setHeader("x-content-type-options", "nosniff");
    response.setHeader("referrer-policy", "no-referrer");
    relays(request, response, () => {
      answer(request, response).catch((error) => {
        console.error(`${request.method} ${request.url}: ${error}`);
        if (response.headersSent) response.destroy();
        else response.writeHead(500).end();
      });
    });
  };
}

const sendJson = (response, status, body) => void response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" }).end(body);
