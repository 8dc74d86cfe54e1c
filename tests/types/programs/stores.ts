// The two stores that come with the package, given to a client and called by hand, as written against the contract.
import { AuthClient, type TokenStore } from "propusk";
import { fileStore } from "propusk/node";
import { redisStore, type RedisClient } from "propusk/redis";

declare const redis: RedisClient;

export const stores: readonly TokenStore[] = [
  fileStore(),
  fileStore({}),
  fileStore({ directory: "/var/lib/app", lockTimeout: 5_000 }),
  redisStore(redis),
  redisStore(redis, { prefix: "app:", lockTtl: 10_000, timeout: 2_000 }),
];

export async function each(store: TokenStore): Promise<string | null> {
  await store.set("key", "value");
  const stop: (() => void) | undefined = store.watch?.("key", () => {});
  const found: string | null | undefined = await store.withLock?.("key", async () => store.get("key"), { signal: AbortSignal.timeout(1_000) });
  stop?.();
  await store.delete("key");
  using client = await AuthClient.create({ provider: "mobile-smarts", baseUrl: "https://warehouse.example", storage: store });
  return found ?? client.provider;
}

// @ts-expect-error the wait is a number
fileStore({ lockTimeout: "1 s" });
// @ts-expect-error there is no such option
fileStore({ folder: "/var/lib/app" });
// @ts-expect-error a client is needed
redisStore();
