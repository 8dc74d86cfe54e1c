/** What the page has just done, as you would write it. */
import { fill, h } from "./dom.js";
import { say } from "./i18n.js";

const CODE = {
  "bifit-kassa": `const client = await AuthClient.create({ provider: "bifit-kassa" });
try {
  await client.login({ username, password });
} catch (error) {
  if (!isAuthError(error, "second_factor_required")) throw error;
  await client.confirm(await askForCode());
}
const response = await client.fetch("protected/organizations");`,

  invoicebox: `const client = await AuthClient.create({ provider: "invoicebox" });
await client.login({ token });
const owner = await client.check();
const response = await client.fetch("v3/billing/api/order/order");`,

  "mobile-smarts": `const client = await AuthClient.create({
  provider: "mobile-smarts",
  baseUrl: "https://warehouse.example:9000",
});
await client.login({ username, password });
const response = await client.fetch("api/v1/Docs");`,

  bstats: `const client = await AuthClient.create({
  provider: "bstats",
  redirectUri: location.origin + location.pathname,
});
const back = await client.handleRedirect(); // on every page load
if (!client.session) await client.loginWithRedirect();
const response = await client.fetch("?app=dossier&method=customer.getuuid");
const problem = await client.problem(response);`,

  "smart-satu": `const client = await AuthClient.create({
  provider: "smart-satu",
  credentials: () => askForPassword(), // no refresh token there
});
await client.login({ username, password });
const response = await client.fetch("orders");`,
};

export function showSnippet(place, id) {
  fill(place, h("h3", { text: say("snippet") }), h("pre", { tabindex: "0", text: CODE[id] }));
}
