// A page that signs in to the service its address names, written against the contract alone; a browser runs it.
import { AuthClient, isAuthError, type ProviderId, type Session } from "propusk";

interface Ready {
  readonly services: { readonly [service: string]: { readonly baseUrl: string } };
}

declare global {
  // What the test reads.
  var outcome: { readonly session: Session; readonly status: number } | { readonly failed: string } | undefined;
}

const redirectUri = new URL(location.pathname, location.origin).href;

async function signedIn(service: ProviderId, baseUrl: string): Promise<{ session: Session; status: number }> {
  switch (service) {
    case "bifit-kassa": {
      using client = await AuthClient.create({ provider: "bifit-kassa", baseUrl, storage: "session" });
      const session = await client.login({ username: "8 (999) 000-00-01", password: "secret" });
      return { session, status: (await client.fetch("protected/organizations")).status };
    }
    case "invoicebox": {
      using client = await AuthClient.create({ provider: "invoicebox", baseUrl });
      const session = await client.login({ token: "b37c4c689295904ed21eee5d9a48d42e" });
      return { session, status: (await client.fetch("/v3/billing/api/order/order")).status };
    }
    case "mobile-smarts": {
      using client = await AuthClient.create({ provider: "mobile-smarts", baseUrl, storage: "local" });
      const session = await client.login({ username: "user@domain.ru", password: "123456" });
      return { session, status: (await client.fetch("/api/v1/goods")).status };
    }
    case "smart-satu": {
      using client = await AuthClient.create({ provider: "smart-satu", baseUrl });
      const session = await client.login({ username: "supplier", password: "qwerty" });
      return { session, status: (await client.fetch("orders")).status };
    }
    case "bstats": {
      using client = await AuthClient.create({ provider: "bstats", baseUrl, redirectUri, format: "xml" });
      const result = await client.handleRedirect();
      if (result === null) return await client.loginWithRedirect({ returnTo: "/orders" });
      return { session: result.session, status: (await client.fetch("/api.php?app=dossier&method=customer.getuuid")).status };
    }
  }
}

const { services } = (await (await fetch("/sandbox.json")).json()) as Ready;
// A callback's address names no service: only one of them sends the user here.
const service = (new URLSearchParams(location.search).get("service") ?? "bstats") as ProviderId;
try {
  globalThis.outcome = await signedIn(service, services[service]?.baseUrl ?? "");
} catch (error) {
  globalThis.outcome = { failed: isAuthError(error) ? `${error.code}: ${error.message}` : String(error) };
}
