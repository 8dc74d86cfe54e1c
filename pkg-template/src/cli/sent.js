/** What `check-profile --try` shows of the requests: where they went, and the names of what went along. Values may be secrets. */

/** @typedef {{ purpose: string, method: string, url: string, status: number | null, error: string | null, headers: string[], form: string[], json: string[] }} Sent */

export class Watch {
  /** @type {Sent[]} */
  requests = [];
  /** Of the request that is under way. @type {Pick<Sent, "headers" | "form" | "json">} */
  #names = { headers: [], form: [], json: [] };

  /** Options of a client. */
  get options() {
    return {
      fetch: (/** @type {any} */ input, /** @type {any} */ init) => {
        this.#names = namesOf(init);
        return globalThis.fetch(input, init);
      },
      onTrace: (/** @type {import("../../types/index.js").TraceRecord} */ { purpose, method, url, status, error }) => void this.requests.push({ purpose, method, url, status, error, ...this.#names }),
    };
  }
}

/** @param {any} init */
function namesOf(init) {
  const headers = [...new Headers(init?.headers).keys()];
  const body = typeof init?.body === "string" ? init.body : init?.body ? new TextDecoder().decode(init.body) : "";
  if (!body) return { headers, form: [], json: [] };
  try {
    const value = JSON.parse(body);
    return { headers, form: [], json: typeof value === "object" && value !== null ? Object.keys(value) : [] };
  } catch {
    return { headers, form: [...new Set(new URLSearchParams(body).keys())], json: [] };
  }
}
