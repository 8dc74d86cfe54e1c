/** The sandbox's controls, which this page's server passes on: what no real service has, and what makes this page more than a form. */

/** @typedef {{ control: string, services: Record<string, { baseUrl: string, api: string }> }} Sandbox paths of this page's server; `api` is below `baseUrl` */

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
    /** Allows the access in the user's place; the address that the browser would be sent back to. @returns {Promise<string>} */
    async consent(address, form) {
      const response = await fetch("./consent", { method: "POST", body: JSON.stringify({ address, form }) });
      return (await response.json()).location;
    },
    /** Access tokens issued till now are refused. */
    expire: (service) => send("POST", "/expire", { service }),
    /** Seconds that tokens live from now on; null: as the service documents. */
    lifetime: (service, tokenLifetime) => send("PATCH", "/options", { service, tokenLifetime }),
    /** Seconds in which a spent refresh token gives the same answer again. */
    grace: (service, grace) => send("PATCH", "/options", { service, grace }),
    /** The services whose tokens live that long. @param {number} seconds @returns {Promise<string[]>} */
    async living(seconds) {
      const options = await (await fetch(`${control}/options`)).json();
      return Object.keys(options).filter((service) => options[service].tokenLifetime === seconds);
    },
    /** The next requests of a service are spoilt. */
    spoil: (service, purpose, fault) => send("POST", "/faults", { service, purpose, ...fault }),
    heal: () => send("DELETE", "/faults"),
    /** How many sign-ins and renewals a service has seen. */
    async renewals(service) {
      const counts = await (await fetch(`${control}/counts`)).json();
      const { login = 0, confirm = 0, refresh = 0 } = counts[service] ?? {};
      return login + confirm + refresh;
    },
  };
}
