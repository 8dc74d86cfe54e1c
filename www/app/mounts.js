/**
 * Where this page's own server has the services, since they answer no pages of others, and what of their API it passes on.
 * The server reads this as well as the page.
 *
 * - `prefixes`: the option `api` of `createRelay`
 * - `call`: what the page calls, below `baseUrl`
 *
 * @type {Record<string, { baseUrl: string, prefixes: string[], call: string }>}
 */
export const MOUNTS = {
  "bifit-kassa": { baseUrl: "/auth/kassa", prefixes: ["protected/"], call: "protected/organizations" },
  invoicebox: { baseUrl: "/auth/invoicebox", prefixes: ["v3/"], call: "v3/billing/api/order/order" },
  "mobile-smarts": { baseUrl: "/auth/mobile-smarts", prefixes: ["api/v1"], call: "api/v1/Docs" },
  bstats: { baseUrl: "/auth/bstats", prefixes: ["api.php"], call: "?app=dossier&method=customer.getuuid" },
  "smart-satu": { baseUrl: "/auth/smart-satu", prefixes: ["orders"], call: "orders" },
};
