/** `propusk/vue`: the session for components of Vue 3, which is an optional peer. */
import type { Ref } from "vue";
import type { AuthClient, Session } from "./index.js";

/**
 * - `"loading"`: on a server, until the component is mounted, and until it is known whether a stored session is there.
 *   `session` is null
 * - `"signed-in"`: `session` is there
 * - `"signed-out"`: nobody is signed in; also where `client.ready` rejects
 */
export type SessionStatus = "loading" | "signed-in" | "signed-out";

/**
 * The session of a client, followed for as long as the component, store or effect scope lives that calls this. Mounting
 * starts the restoring of a stored session; rendering on a server starts nothing.
 *
 * A redirect login is finished by hand: `onMounted(() => client.handleRedirect())`.
 *
 * @example
 * const client = AuthClient.lazy({ provider: "bifit-kassa", baseUrl: "/auth/kassa", storage: "session" });
 * const { session, status } = useSession(client);
 */
export function useSession(client: AuthClient<any>): {
  readonly session: Readonly<Ref<Session | null>>;
  readonly status: Readonly<Ref<SessionStatus>>;
};
