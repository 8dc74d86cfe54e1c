/**
 * The service behind the page's own origin, since it answers no pages of others. Nothing is reached through this but what the page
 * needs; cookies go neither way.
 */
const KASSA = (process.env.KASSA_URL ?? "https://kassa.bifit.com/cashdesk-api/v1").replace(/\/$/, "");
const ALLOWED = ["POST oauth/token", "GET protected/goods"];
const BODY_LIMIT = 64 * 1024;
const TIMEOUT = 30_000;

const only = (headers, names) => Object.fromEntries(names.filter((name) => headers.has(name)).map((name) => [name, headers.get(name)]));

async function forward(request, { params }) {
  const path = (await params).path.join("/");
  if (!ALLOWED.includes(`${request.method} ${path}`)) return new Response(null, { status: 404 });
  const body = request.method === "POST" ? await request.arrayBuffer() : undefined;
  if (body && body.byteLength > BODY_LIMIT) return new Response(null, { status: 413 });
  try {
    const answer = await fetch(`${KASSA}/${path}${request.nextUrl.search}`, {
      method: request.method,
      headers: only(request.headers, ["accept", "authorization", "content-type"]),
      body,
      cache: "no-store",
      redirect: "manual", // handed back: a password goes nowhere else
      signal: AbortSignal.timeout(TIMEOUT),
    });
    return new Response(await answer.arrayBuffer(), {
      status: answer.status,
      headers: only(answer.headers, ["content-type", "location", "retry-after", "www-authenticate"]),
    });
  } catch (error) {
    return new Response(null, { status: error.name === "TimeoutError" ? 504 : 502 });
  }
}

export { forward as GET, forward as POST };
