import { AuthClient } from "propusk";
import { startSandbox } from "propusk-sandbox";
import { expect, test } from "vitest";

test("signs in to all five services", async () => {
  await using sandbox = await startSandbox();
  const { urls, accounts } = sandbox;
  const user = (service: keyof typeof accounts) => accounts[service][0]?.credentials as { username: string; password: string; token: string };
  for (const provider of ["bifit-kassa", "invoicebox", "mobile-smarts", "smart-satu"] as const) {
    using client = await AuthClient.create({ provider, baseUrl: urls[provider] });
    expect((await client.login(user(provider))).provider).toBe(provider);
  }
  // The user's part: the page of bstats asks who it is.
  using client = await AuthClient.create({ provider: "bstats", baseUrl: urls.bstats, redirectUri: "http://localhost:5173/" });
  const body = new URLSearchParams({ login: user("bstats").username, password: user("bstats").password, decision: "allow" });
  const page = await fetch(await client.authorizationUrl(), { method: "POST", body, redirect: "manual" });
  expect((await client.handleRedirect(page.headers.get("location") ?? ""))?.session.provider).toBe("bstats");
});
