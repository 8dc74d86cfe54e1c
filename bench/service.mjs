/** A service in the place of `fetch`, for measures of what the client itself takes: no sockets, and the same answer each time. */
const HEADERS = { "content-type": "application/json" };

/** How long the tokens of real services are, characters. */
export const TOKEN = 800;

/** @param {number} [length] of the access token, characters @returns {typeof fetch} */
export function service(length = 40) {
  const grant = JSON.stringify({ access_token: "a".repeat(length), refresh_token: "r".repeat(40), token_type: "bearer", expires_in: 43_199, user_id: 1 });
  return async (input) => (String(input).endsWith("/oauth/token") ? new Response(grant, { headers: HEADERS }) : new Response("{}", { headers: HEADERS }));
}
