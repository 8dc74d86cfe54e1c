/**
 * The service behind the page's own origin, since it answers no pages of others.
 *
 * This is the minimum. A server that is open to the world also limits how often somebody may try a password, since the service sees
 * one address for all users, and writes down who did; it never writes down bodies, queries or Authorization.
 */

const MOUNT = "/auth/kassa";
const UPSTREAM = (process.env.KASSA_URL ?? "https://kassa.bifit.com/cashdesk-api/v1").replace(/\/$/, "");

/** All that the page asks for; nothing else of the service is reached through this. */
const ALLOWED = ["POST /oauth/token", "GET /protected/goods"];
const BODY_LIMIT = 64 * 1024;
const TIMEOUT = 30_000;

/** What goes through; cookies do not, either way. */
const REQUEST_HEADERS = ["accept", "authorization", "content-type"];
const RESPONSE_HEADERS = ["cache-control", "content-type", "location", "retry-after", "www-authenticate"];

/** Whether a request is the proxy's to answer. @param {import("node:http").IncomingMessage} request */
export const isProxied = (request) => request.url.startsWith(`${MOUNT}/`);

/** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
export async function proxy(request, response) {
  const target = request.url.slice(MOUNT.length);
  if (!ALLOWED.includes(`${request.method} ${target.split("?")[0]}`)) return response.writeHead(404).end();
  const chunks = [];
  let size = 0;
  try {
    // Read to its end even when it is too long, so that the answer arrives.
    for await (const chunk of request) if ((size += chunk.length) <= BODY_LIMIT) chunks.push(chunk);
    if (size > BODY_LIMIT) return response.writeHead(413).end();
    const answer = await fetch(UPSTREAM + target, {
      method: request.method,
      headers: REQUEST_HEADERS.filter((name) => request.headers[name]).map((name) => [name, request.headers[name]]),
      body: request.method === "POST" ? Buffer.concat(chunks) : undefined,
      redirect: "manual", // handed back: a password goes nowhere else
      signal: AbortSignal.timeout(TIMEOUT),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    response.writeHead(answer.status, Object.fromEntries([...answer.headers].filter(([name]) => RESPONSE_HEADERS.includes(name)))).end(body);
  } catch (error) {
    console.error(`${request.method} ${MOUNT}: ${error.cause?.code ?? error.name}`);
    response.writeHead(error.name === "TimeoutError" ? 504 : 502).end();
  }
}
