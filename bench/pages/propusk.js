/** What the smallest application does: signs in with a password. */
import { AuthClient } from "propusk";

window.signIn = async (baseUrl, account) => {
  const client = await AuthClient.create({ provider: "bifit-kassa", baseUrl });
  await client.login(account);
  return client.getAccessToken();
};
