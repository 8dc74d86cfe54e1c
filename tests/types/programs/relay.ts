// A relay mounted in servers of both shapes, as written against the contract.
import type { AuthClientOptions } from "propusk";
import { createRelay, toNodeHandler, type RelayOptions, type RelayTrace } from "propusk/relay";

const provider: AuthClientOptions = { provider: "smart-satu", country: "kz" };

export const options: RelayOptions = {
  mount: "/auth/satu",
  provider,
  api: ["orders", "goods/"] as const,
  apiBase: "https://food.smartsatu.com/api",
  origins: ["https://shop.example"],
  maxBody: 64 * 1024,
  timeout: 10_000,
  onTrace: ({ method, path, status, duration, refused }: RelayTrace) => {
    const told: [string, string, number, number, string | null] = [method, path, status, duration, refused];
    return void told;
  },
  fetch: (input, init) => fetch(input, init),
};

export async function mounted(request: Request): Promise<Response> {
  const relay: (request: Request) => Promise<Response> = await createRelay(options);
  const handler: (request: any, response: any, next?: (error?: unknown) => void) => void = toNodeHandler(relay);
  handler({}, {}, (error) => void error);
  handler({}, {});
  return relay(request);
}

// @ts-expect-error where it is mounted must be told
void createRelay({ provider: { provider: "bifit-kassa" } });
// @ts-expect-error there is no such option
void createRelay({ mount: "/auth", provider: { provider: "bifit-kassa" }, cors: true });
// @ts-expect-error prefixes are a list
void createRelay({ mount: "/auth", provider: { provider: "bifit-kassa" }, api: "goods" });
