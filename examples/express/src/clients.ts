/** One client for each user: a client is one account, and a server acts for many. */
import { randomUUID } from "node:crypto";
import type { Request, Response } from "express";
import { AuthClient } from "propusk";
import { fileStore } from "propusk/node";

export type Kassa = AuthClient<"bifit-kassa">;

/** For several machines: `redisStore(await createClient({ url }).connect())` of `propusk/redis`. */
const storage = fileStore({ directory: process.env["SESSIONS"] ?? "sessions" });

const COOKIE = "user";

/** A name that nobody can guess. */
export const newUser = (): string => randomUUID();

/** Keeps it in a cookie that no script can read. */
export function rememberUser(response: Response, user: string): void {
  response.cookie(COOKIE, user, { httpOnly: true, sameSite: "strict", secure: process.env["NODE_ENV"] === "production" });
}

export function forgetUser(response: Response): void {
  response.clearCookie(COOKIE);
}

/** Who asks, or null. */
export function userOf(request: Request): string | null {
  return /(?:^|; )user=([0-9a-f-]{36})(?:;|$)/.exec(request.headers.cookie ?? "")?.[1] ?? null;
}

/** Does something as a user. Requests of the same user that come together renew once: the store has a lock. */
export async function as<T>(user: string, use: (client: Kassa) => Promise<T>): Promise<T> {
  const baseUrl = process.env["KASSA_URL"];
  const client = await AuthClient.create({ provider: "bifit-kassa", storage, account: user, ...(baseUrl && { baseUrl }) });
  try {
    return await use(client);
  } finally {
    client.close(); // the stored session stays
  }
}
