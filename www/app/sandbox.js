/** The sandbox's control port: what no real service has, and what makes this page more than a form. */

/** @typedef {{ control: string, services: Record<string, { baseUrl: string, api: string }> }} Sandbox */

/** @returns {Promise<Sandbox | null>} null when the page is served without the services */
export async function findSandbox() {
  const response = await fetch("./sandbox.json").catch(() => null);
  return response?.ok ? response.json() : null;
}

/** @param {Sandbox} sandbox */
export function controlOf({ control }) {
  const send = (method, path, body) =>
    fetch(control + path, { method, body: JSON.stringify(body), headers: { "content-type": "application/json" } });
  return {
    /** Access tokens issued till now are refused. */
    expire: (service) => send("POST", "/expire", { service }),
    /** Seconds that tokens live from now on; null: as the service documents. */
    lifetime: (service, tokenLifetime) => send("PATCH", "/options", { service, tokenLifetime }),
    /** How many sign-ins and renewals a service has seen. */
    async renewals(service) {
      const counts = await (await fetch(`${control}/counts`)).json();
      const { login = 0, confirm = 0, refresh = 0 } = counts[service] ?? {};
      return login + confirm + refresh;
    },
  };
}
