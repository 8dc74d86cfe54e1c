/** Refusals as answers. */

/**
 * @param {import("./gate.js").Verdict} refusal
 * @param {[string, string][]} [more] headers
 * @returns {{ status: number, code: string, body: string, headers: [string, string][] }}
 */
export function refusal({ status = 500, code = "internal", body, headers = [] }, more = headers) {
  const text = body ?? "";
  return { status, code, body: text, headers: [["Content-Type", "application/json"], ["Content-Length", String(text.length)], ["Cache-Control", "no-store"], ...more] };
}
