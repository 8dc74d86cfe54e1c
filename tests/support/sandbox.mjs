/** The five services on loopback, as a process that ends with the tests. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/**
 * @typedef {"bifit-kassa" | "invoicebox" | "mobile-smarts" | "bstats" | "smart-satu"} Service
 * @typedef {{ n: number, service: Service, purpose: string, method: string, path: string, status: number | null,
 *   verdict: string, why: string | null, grant: string | null, headers: Record<string, string>, userAgent: string | null }} Entry
 * @typedef {Awaited<ReturnType<typeof start>>} Sandbox
 */

/** The README of the sandbox lists the other accounts. */
export { ACCOUNTS, GOODS, SECOND_FACTOR } from "../behaviour/world.mjs";

/** @param {string[]} args of the sandbox's command line */
export async function start(...args) {
  const binary = process.env.PROPUSK_SANDBOX_BIN;
  if (!binary) throw new Error("PROPUSK_SANDBOX_BIN names no sandbox: run these tests with `cargo xtask test node`");
  const child = spawn(binary, ["--quiet", "--until-stdin-closes", ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const gone = once(child, "exit");
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    gone.then(([code]) => Promise.reject(new Error(`the sandbox ended with ${code}`))),
  ]);
  /** @type {{ control: string, services: Record<Service, { baseUrl: string, api: string }> }} */
  const { control, services } = JSON.parse(line);

  /** @param {string} method @param {string} path @param {unknown} [body] */
  async function ask(method, path, body) {
    const response = await fetch(control + path, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
    return JSON.parse(text);
  }
  const query = (/** @type {Record<string, unknown>} */ which) => {
    const given = Object.entries(which).filter(([, value]) => value != null);
    return given.length ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : "";
  };

  return {
    control,
    services,
    /** @type {(service?: Service) => Promise<Entry[]>} */
    journal: (service) => ask("GET", `/journal${query({ service })}`),
    clear: () => ask("DELETE", "/journal"),
    /** @type {(service: Service) => Promise<Record<string, number>>} */
    counts: async (service) => (await ask("GET", "/counts"))[service],
    /** How many requests of all services came in. */
    total: async () =>
      Object.values(await ask("GET", "/counts"))
        .flatMap((purposes) => Object.values(purposes))
        .reduce((sum, n) => sum + n, 0),
    /** @type {(service: Service, purpose: string, fault: Record<string, unknown>) => Promise<unknown>} */
    fault: (service, purpose, fault) => ask("POST", "/faults", { service, purpose, ...fault }),
    healed: () => ask("DELETE", "/faults"),
    /** @type {(service: Service, changes: Record<string, unknown>) => Promise<unknown>} */
    options: (service, changes) => ask("PATCH", "/options", { service, ...changes }),
    /** @type {(service: Service) => Promise<unknown>} */
    expire: (service) => ask("POST", "/expire", { service }),
    /** @type {(service: Service) => Promise<unknown>} */
    revoke: (service) => ask("POST", "/revoke", { service }),
    /** Waits until so many requests are held. @type {(service: Service, atLeast?: number) => Promise<number>} */
    held: async (service, atLeast = 1) => {
      const { held } = await ask("GET", `/held${query({ service, atLeast })}`);
      if (held < atLeast) throw new Error(`${held} requests are held instead of ${atLeast}`);
      return held;
    },
    /** @type {(service: Service) => Promise<{ released: number }>} */
    release: (service) => ask("POST", "/release", { service }),
    /** @type {(service: Service) => Promise<{ issued: number, spent: number, reuseDetected: number, revoked: number, maxSpends: number }>} */
    families: (service) => ask("GET", `/families${query({ service })}`),
    reset: () => ask("POST", "/reset"),
    stop: async () => {
      child.stdin.end();
      await gone;
    },
  };
}
