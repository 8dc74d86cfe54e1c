// The same package, as CommonJS sees it.
import { AuthClient, isAuthError, type Session } from "propusk";

export async function login(): Promise<Session> {
  const client: AuthClient<"invoicebox"> = await AuthClient.create({ provider: "invoicebox" });
  try {
    return await client.login({ token: "x" });
  } catch (error) {
    throw isAuthError(error, "invalid_token") ? new Error(error.hint ?? error.message) : error;
  }
}
