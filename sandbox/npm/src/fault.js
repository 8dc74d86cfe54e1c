/** Faults as callers give them, and as the services take them. */
import { members, mistake, oneOf, whole } from "./mistake.js";

const PURPOSES = ["login", "refresh", "exchange", "check", "api"];
const KINDS = ["status", "reset", "hang", "slow", "cut"];
const MEMBERS = ["purpose", "status", "body", "contentType", "retryAfter", "kind", "times"];

/** What makes another answer; where none is given, only `status` is an answer of its own. */
const ANSWER = ["status", "body", "contentType", "retryAfter"];

/** How each kind goes on; `status` adds nothing. */
const WAYS = {
  reset: { kind: "reset" },
  hang: { kind: "hold" },
  slow: { kind: "slow", delay: 1000 },
  cut: { kind: "truncate" },
};

/** @param {string} service @param {unknown} given @returns {string} */
export function fault(service, given) {
  const { times = 1, ...read } = members("fault", MEMBERS, given);
  if ("purpose" in read) oneOf("fault.purpose", PURPOSES, read.purpose);
  if ("kind" in read) oneOf("fault.kind", KINDS, read.kind);
  if (times !== Infinity) whole("fault.times", times);
  const { purpose = null, kind = "status" } = read;
  const way = WAYS[/** @type {keyof typeof WAYS} */ (kind)];
  const answered = ANSWER.filter((name) => name in read);
  if ((kind === "reset" || kind === "hang") && answered.length > 0) {
    throw new TypeError(`fault.${answered[0]}: nothing is answered where kind is "${kind}"`);
  }
  const kinds = [...(kind === "status" || answered.length > 0 ? [answer(read)] : []), ...(way ? [way] : [])];
  return JSON.stringify({ service, purpose, times: times === Infinity ? null : times, kinds });
}

/** @param {Record<string, any>} given */
function answer({ status, body, contentType, retryAfter }) {
  if (status !== undefined && !(Number.isInteger(status) && status >= 200 && status <= 599)) throw mistake("fault.status", "a status from 200 to 599", status);
  if (body !== undefined && typeof body !== "string") throw mistake("fault.body", "text", body);
  if (contentType !== undefined && !isHeader(contentType)) throw mistake("fault.contentType", "a media type", contentType);
  const isAmount = Number.isFinite(retryAfter) && retryAfter >= 0;
  if (retryAfter !== undefined && !isAmount && !isHeader(retryAfter)) throw mistake("fault.retryAfter", "seconds, or the header's text,", retryAfter);
  return {
    kind: "status",
    // A body of one's own comes as good answers do, unless said otherwise.
    status: status ?? (body === undefined ? 503 : 200),
    ...(body !== undefined && { body }),
    ...(contentType !== undefined && { contentType }),
    ...(retryAfter !== undefined && { headers: { "Retry-After": String(retryAfter) } }),
  };
}

/** @param {unknown} text */
function isHeader(text) {
  return typeof text === "string" && /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text);
}
