/** `propusk/relay`: lets pages reach a provider through a server of their own, and keeps client secrets on that server. */
import type { AuthClientOptions } from "./index.js";

export interface RelayOptions {
  /** Path that the relay is mounted at, e.g. "/auth/kassa". */
  mount: string;
  /** As for `AuthClient.create`; `baseUrl` is the provider's. Of its functions only `fetch` is used. */
  provider: AuthClientOptions;
  /**
   * Path prefixes of the provider's API that may be called too, below its base, e.g. ["protected/"]. Default none. A prefix ends at a
   * segment: "goods" is itself and what is below, "goods/" only what is below.
   */
  api?: readonly string[];
  /** Where those go, when not below the provider's base: "https://food.smartsatu.com/api". */
  apiBase?: string;
  /**
   * Origins whose pages may use the relay. Default: the relay's own, as the request's URL says. Give it in production: behind a proxy the URL is another
   * one, and a name that an attacker points at the server (DNS rebinding) is not among these.
   */
  origins?: readonly string[];
  /** Longest body of a request, bytes. Default 1 MiB. */
  maxBody?: number;
  /** Longest wait for the provider's head, the page's body included, ms. Default 30_000. */
  timeout?: number;
  /** Called for each request, secrets masked: for logs and metrics. */
  onTrace?: (record: RelayTrace) => void;
  /** Replaces the global fetch (proxy agents, tests). */
  fetch?: typeof globalThis.fetch;
}

export interface RelayTrace {
  readonly method: string;
  /** Below the mount, with the query, secrets masked. */
  readonly path: string;
  readonly status: number;
  /** Milliseconds until the answer's head. */
  readonly duration: number;
  /**
   * The code of a refusal (origin_not_allowed, not_found, method_not_allowed, invalid_request, unsupported_type, too_large, timeout, bad_gateway, internal), or
   * "redirect" and "preflight" where the relay has answered by itself; null only where the provider's answer was passed on.
   */
  readonly refused: string | null;
}

/**
 * A handler in the web-standard shape, for any server: it passes on what the provider's profile names, and calls below `api`, to that provider only. It adds
 * the client secret to token requests, and takes none from the page. The page's client has the mount as its `baseUrl`.
 *
 * Throws `invalid_config` for options that are wrong.
 *
 * @example
 * const relay = await createRelay({ mount: "/auth/kassa", provider: { provider: "bifit-kassa" }, api: ["protected/"] });
 * export const GET = relay, POST = relay;
 */
export function createRelay(options: RelayOptions): Promise<(request: Request) => Promise<Response>>;

/**
 * The same for node:http, Express, Connect, Vite and webpack. Calls `next()` for paths outside the mount.
 *
 * @example
 * createServer(toNodeHandler(relay)).listen(3000);
 */
export function toNodeHandler(relay: (request: Request) => Promise<Response>): (request: any, response: any, next?: (error?: unknown) => void) => void;
