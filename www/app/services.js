/** What the page knows about the five services: the fields of their forms and the sandbox's accounts. */

const field = (name, label, props) => ({ name, label, props });
const PASSWORD = field("password", "password", { type: "password", autocomplete: "current-password" });
const USER = { autocomplete: "username", autocapitalize: "none", spellcheck: "false" };

/**
 * The passwords are the sandbox's and open no other door. The page fills them in and never prints them.
 *
 * `call`: the address of a call; the sandbox's own suggestion where there is none.
 */
export const SERVICES = [
  {
    id: "bifit-kassa",
    fields: [field("username", "phone", { ...USER, type: "tel" }), PASSWORD],
    code: "123456",
    accounts: [
      { label: "+7 999 000-00-01", note: "plain", values: { username: "+7 999 000-00-01", password: "secret" } },
      { label: "+7 999 000-00-02", note: "second", values: { username: "+7 999 000-00-02", password: "secret" } },
      { label: "+7 999 000-00-03", note: "expired", values: { username: "+7 999 000-00-03", password: "secret" } },
      { label: "+7 999 000-00-04", note: "cyrillic", values: { username: "+7 999 000-00-04", password: "пароль" } },
      { label: "+7 999 000-00-01", note: "wrong", values: { username: "+7 999 000-00-01", password: "not-it" } },
    ],
  },
  {
    id: "invoicebox",
    fields: [field("token", "token", { type: "password", autocomplete: "off", spellcheck: "false" })],
    accounts: [
      { label: "b37c••••", note: "v3", values: { token: "b37c4c689295904ed21eee5d9a48d42e" } },
      { label: "29078-API:••••", note: "l3", values: { token: "29078-API:b37c4c689295904ed21eee5d9a48d42e" } },
      { label: "f0f0••••", note: "forbidden", values: { token: "f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0" } },
      { label: "0000••••", note: "wrongToken", values: { token: "00000000000000000000000000000000" } },
    ],
    cannotRenew: "renewStatic",
  },
  {
    id: "mobile-smarts",
    fields: [field("username", "user", USER), PASSWORD],
    accounts: [
      { label: "user@domain.ru", note: "plain", values: { username: "user@domain.ru", password: "123456" } },
      { label: "expired@domain.ru", note: "expired", values: { username: "expired@domain.ru", password: "123456" } },
      { label: "user@domain.ru", note: "wrong", values: { username: "user@domain.ru", password: "654321" } },
    ],
  },
  {
    id: "bstats",
    fields: null,
    accounts: [],
    cannotRenew: "renewEndless",
    failing: "?app=dossier&method=customer.fail",
  },
  {
    id: "smart-satu",
    fields: [field("username", "user", USER), PASSWORD],
    accounts: [
      { label: "supplier", note: "plain", values: { username: "supplier", password: "qwerty" } },
      { label: "expired", note: "expired", values: { username: "expired", password: "qwerty" } },
      { label: "supplier", note: "wrong", values: { username: "supplier", password: "asdfgh" } },
    ],
  },
];
