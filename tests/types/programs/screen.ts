/** What stands between a client and the person in front of it. */
import type { AuthClient, AuthErrorCode, Session } from "propusk";
import { userMessage } from "propusk/messages";
import { useRedirect, useSession } from "propusk/react";

export function messages(error: unknown, code: AuthErrorCode, language: string): string[] {
  return [userMessage(error), userMessage(error, "ru"), userMessage(code, language), userMessage(code, navigator.language)];
}

export function useAccount(client: AuthClient, kassa: AuthClient<"bifit-kassa">, bstats: AuthClient<"bstats">): string {
  const { session, status } = useSession(client);
  const known: "loading" | "signed-in" | "signed-out" = status;
  const others: (Session | null)[] = [useSession(kassa).session, useSession(bstats).session];
  const redirect = useRedirect(bstats);
  const returnTo: string | null = redirect.returnTo;
  if (redirect.status === "failed") return userMessage(redirect.error, "ru");
  return [session?.subject, known, others.length, returnTo].join();
}

export function mistakes(client: AuthClient): void {
  // @ts-expect-error a language is a text
  userMessage("network", 7);
  // @ts-expect-error there is no such status
  if (useSession(client).status === "ready") return;
  // @ts-expect-error what is wrong is not known to be an error
  useRedirect(client).error.message;
}
