/** `propusk/react`: hooks for React 18 and later, which is an optional peer. */
import type { AuthClient, Session } from "./index.js";

/**
 * - `"loading"`: on a server, while hydrating, and until it is known whether a stored session is there. `session` is null
 * - `"signed-in"`: `session` is there
 * - `"signed-out"`: nobody is signed in; also where `client.ready` rejects
 */
export type SessionStatus = "loading" | "signed-in" | "signed-out";

/**
 * The session of a client, followed: the component renders again when it changes. The object is the same one until it
 * changes. Mounting starts the restoring of a stored session; rendering on a server starts nothing.
 *
 * Make the client once, outside components: `AuthClient.lazy` at the top of a module.
 *
 * @example
 * const client = AuthClient.lazy({ provider: "bifit-kassa", baseUrl: "/auth/kassa", storage: "session" });
 *
 * function Account() {
 *   const { session, status } = useSession(client);
 *   if (status === "loading") return <p>...</p>;
 *   return session ? <p>{session.subject}</p> : <SignIn />;
 * }
 */
export function useSession(client: AuthClient<any>): {
  readonly session: Session | null;
  readonly status: SessionStatus;
};

/**
 * Finishes a redirect login when a component is mounted, once per page load: however many components use it, however
 * often they are mounted, under StrictMode too. The outcome stays for the page load.
 *
 * - `"idle"`: on a server, while hydrating, and where the page's address is no callback, so that there is nothing to finish
 * - `"working"`: it is being finished
 * - `"done"`: somebody has signed in; `returnTo` is what `loginWithRedirect` was given
 * - `"failed"`: `error` is what `handleRedirect` rejected with
 *
 * @example
 * function Callback() {
 *   const { status, returnTo, error } = useRedirect(client);
 *   useEffect(() => {
 *     if (status === "done") navigate(returnTo ?? "/");
 *   }, [status, returnTo]);
 *   return status === "failed" ? <p>{userMessage(error)}</p> : null;
 * }
 */
export function useRedirect(client: AuthClient<any>): {
  readonly status: "idle" | "working" | "done" | "failed";
  readonly returnTo: string | null;
  readonly error: unknown;
};
