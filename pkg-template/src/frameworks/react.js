import { useSyncExternalStore } from "react";
import { IDLE, redirectOf } from "./redirect.js";
import { LOADING, sessionOf } from "./session.js";

/** @param {import("./session.js").Client} client */
export function useSession(client) {
  const { subscribe, read } = sessionOf(client);
  return useSyncExternalStore(subscribe, read, () => LOADING);
}

/** @param {import("./redirect.js").Client} client */
export function useRedirect(client) {
  const { subscribe, read } = redirectOf(client);
  return useSyncExternalStore(subscribe, read, () => IDLE);
}
