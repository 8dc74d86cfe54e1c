/** What a careful developer writes without a library: one renewal for everybody, ahead of expiry, and one more try after a 401. */

const CLIENT = { client_id: "cashdesk-rest-client", client_secret: "cashdesk-rest-client" };

/** Where each service takes its form, and what goes into it. @type {Record<string, { path: string, login: (account: any) => Promise<Record<string, string>>, more: Record<string, string> }>} */
const SERVICES = {
  "bifit-kassa": { path: "/oauth/token", login: async ({ username, password }) => ({ username, password: await digest(password) }), more: CLIENT },
  "mobile-smarts": { path: "/api/session", login: async ({ username, password }) => ({ username, password }), more: {} },
};

/** @param {string} password */
async function digest(password) {
  return Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(password))).toString("base64");
}

/** Renewed when less than this is left, or less than half of its life, milliseconds. */
const MARGIN = 60_000;

/**
 * @param {string} service
 * @param {string} baseUrl
 * @param {{ username: string, password: string }} account
 */
export function byHand(service, baseUrl, account) {
  const { path, login, more } = SERVICES[service];
  let [access, refresh, renewAt] = ["", "", 0];
  /** @type {Promise<void> | null} */
  let renewing = null;

  /** @param {Record<string, string>} form */
  async function ask(form) {
    const sent = Date.now();
    const response = await fetch(baseUrl + path, { method: "POST", body: new URLSearchParams({ ...form, ...more }) });
    if (!response.ok) throw new Error(`the token endpoint answered ${response.status}`);
    const answer = await response.json();
    access = answer.access_token ?? answer.Access_token;
    refresh = answer.refresh_token ?? answer.Refresh_token ?? refresh;
    const life = Number(answer.expires_in ?? answer.Expires_in) * 1000;
    renewAt = sent + life - Math.min(MARGIN, life / 2);
  }

  function renew() {
    renewing ??= ask({ grant_type: "refresh_token", refresh_token: refresh }).finally(() => (renewing = null));
    return renewing;
  }

  return {
    login: async () => ask({ grant_type: "password", ...(await login(account)) }),
    /** @param {string} name @param {RequestInit} [init] */
    async fetch(name, init) {
      if (Date.now() >= renewAt) await renew();
      let used = access;
      const send = () => {
        used = access;
        const headers = new Headers(init?.headers);
        headers.set("authorization", `Bearer ${used}`);
        return fetch(`${baseUrl}/${name}`, { ...init, headers });
      };
      const response = await send();
      if (response.status !== 401) return response;
      await response.body?.cancel();
      if (used === access) await renew();
      return send();
    },
  };
}
