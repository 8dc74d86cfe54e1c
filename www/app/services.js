/** What the page knows about the five services: the fields of their forms, the sandbox's accounts, what can be tried. */

const field = (name, label, props) => ({ name, label, props });
const PASSWORD = field("password", "password", { type: "password", autocomplete: "current-password" });
const USER = { autocomplete: "username", autocapitalize: "none", spellcheck: "false" };
const account = (username, password, note) => ({ label: username, note, values: { username, password } });

/**
 * The passwords are the sandbox's and open no other door. The page fills them in and never prints them.
 *
 * - `wrong`: what the service refuses
 * - `outage`: the purpose of the request that an outage is shown with, and the call that sends it
 * - `bare`: the headers with which `fetch` alone would call the API
 */
export const SERVICES = [
  {
    id: "bifit-kassa",
    fields: [field("username", "phone", { ...USER, type: "tel" }), PASSWORD],
    code: "123456",
    accounts: [
      account("+7 999 000-00-01", "secret", "plain"),
      account("+7 999 000-00-02", "secret", "second"),
      account("+7 999 000-00-03", "secret", "expired"),
      account("+7 999 000-00-04", "пароль", "cyrillic"),
    ],
    wrong: { password: "not-it" },
    outage: { purpose: "refresh", act: "refresh" },
    bare: (token) => ({ Authorization: `Bearer ${token}` }),
  },
  {
    id: "invoicebox",
    fields: [field("token", "token", { type: "password", autocomplete: "off", spellcheck: "false" })],
    accounts: [
      { label: "b37c••••", note: "v3", values: { token: "b37c4c689295904ed21eee5d9a48d42e" } },
      { label: "29078-API:••••", note: "l3", values: { token: "29078-API:b37c4c689295904ed21eee5d9a48d42e" } },
      { label: "f0f0••••", note: "forbidden", values: { token: "f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0" } },
    ],
    wrong: { token: "00000000000000000000000000000000" },
    cannotRenew: "renewStatic",
    outage: { purpose: "check", act: "check" },
  },
  {
    id: "mobile-smarts",
    fields: [field("username", "user", USER), PASSWORD],
    accounts: [account("user@domain.ru", "123456", "plain"), account("expired@domain.ru", "123456", "expired")],
    wrong: { password: "654321" },
    outage: { purpose: "refresh", act: "refresh" },
    bare: (token) => ({ Authorization: `Bearer ${token}` }),
  },
  {
    id: "bstats",
    fields: null,
    accounts: [],
    consent: { login: "demo", password: "demo", decision: "allow" },
    cannotRenew: "renewEndless",
    failing: "?app=dossier&method=customer.fail",
    outage: { purpose: "api", act: "call" },
  },
  {
    id: "smart-satu",
    fields: [field("username", "user", USER), PASSWORD],
    accounts: [account("supplier", "qwerty", "plain"), account("expired", "qwerty", "expired")],
    wrong: { password: "asdfgh" },
    outage: { purpose: "login", act: "refresh" },
    bare: (token) => ({ Authorization: `Basic ${btoa(`${token}:`)}`, country: "ru" }),
  },
];

export const serviceOf = (id) => /** @type {typeof SERVICES[number]} */ (SERVICES.find((service) => service.id === id));
