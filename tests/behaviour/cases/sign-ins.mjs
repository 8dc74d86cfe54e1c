/** The ways in: five services, wrong passwords, second steps, input that is none. */
import { ok, refused, same } from "../check.mjs";
import { ACCOUNTS, GOODS, SECOND_FACTOR } from "../world.mjs";

const KASSA = "bifit-kassa";
const USER = "01771533-8e75-3234-8e3d-9213ae2d7c52";

/** @type {Record<string, import("../cases.mjs").Case["run"]>} */
export const signIns = {
  "bifit-kassa: password, subject, life and renewal": async ({ create, box }) => {
    const client = await create(KASSA);
    same([client.provider, client.session], [KASSA, null]);
    const before = Date.now();
    const session = await client.login(ACCOUNTS[KASSA]);
    same([session.provider, session.subject, session.renewable], [KASSA, "120041", true]);
    ok(Math.abs(Number(session.expiresAt) - before - 43_199_000) < 300_000, "a life of 43199 s");
    ok(client.session === session && Object.isFrozen(session), "a frozen session that is the client's");
    same(await box.counts(KASSA), { login: 1 });
  },
  "bifit-kassa: a Cyrillic password": async ({ create }) => {
    const client = await create(KASSA);
    ok((await client.login({ username: "79990000004", password: "пароль" })).subject);
    same((await client.fetch(GOODS[KASSA])).status, 200);
  },
  "invoicebox: a token, checked": async ({ create, box }) => {
    const client = await create("invoicebox");
    const { subject, expiresAt, renewable } = await client.login(ACCOUNTS.invoicebox);
    same([subject, expiresAt, renewable], [USER, null, false]);
    same(await client.getAccessToken(), ACCOUNTS.invoicebox.token);
    same((await client.check()).subject, USER);
    same(await box.counts("invoicebox"), { check: 2 });
  },
  "invoicebox: a token of the older billing": async ({ create, box }) => {
    const client = await create("invoicebox");
    same((await client.login({ token: `29078-API:${ACCOUNTS.invoicebox.token}` })).subject, USER);
    same((await box.journal("invoicebox")).map(({ path }) => path), ["/l3/security/api/auth/auth"]);
  },
  "mobile-smarts: password by POST": async ({ create }) => {
    const client = await create("mobile-smarts");
    const { renewable, expiresAt } = await client.login(ACCOUNTS["mobile-smarts"]);
    ok(renewable && expiresAt, "a session that ends and can be renewed");
    same((await client.fetch(GOODS["mobile-smarts"])).status, 200);
  },
  "mobile-smarts: password by GET, and Basic with every call": async ({ create }) => {
    for (const method of ["session-get", "basic"]) {
      const client = await create("mobile-smarts", { method });
      await client.login(ACCOUNTS["mobile-smarts"]);
      same((await client.fetch(GOODS["mobile-smarts"])).status, 200, method);
    }
  },
  "smart-satu: JSON login, calls where the answer says": async ({ create, box, services }) => {
    const client = await create("smart-satu");
    const session = await client.login(ACCOUNTS["smart-satu"]);
    same([session.subject, session.details.currency, session.details.url_api], ["132", "тг", `${services["smart-satu"].baseUrl}/api`]);
    const { username, path } = await (await client.fetch(GOODS["smart-satu"])).json();
    same([username, path], ["supplier", "/api/goods"]);
    same(await box.counts("smart-satu"), { login: 1, api: 1 });
  },
  "bstats: consent, code, calls": async ({ create, consent, box }) => {
    const client = await create("bstats");
    const result = await client.handleRedirect(await consent(await client.authorizationUrl()));
    same([result?.session.scope, result?.returnTo, client.session === result?.session], [["dossier"], null, true]);
    ok((await (await client.fetch(GOODS.bstats)).text()).includes("demo"), "an answer about demo");
    same(await box.counts("bstats"), { authorize: 1, exchange: 1, api: 1 });
  },
  "the credential goes with the calls of every service": async ({ signedIn, box }) => {
    for (const service of /** @type {const} */ (["bifit-kassa", "invoicebox", "mobile-smarts", "bstats", "smart-satu"])) {
      const client = await signedIn(service);
      same((await client.fetch(GOODS[service])).status, 200, service);
      const [{ purpose, verdict }] = await box.journal(service);
      same([purpose, verdict], ["api", "ok"], service);
    }
  },
  "a wrong password is invalid_credentials, and nobody is signed in": async ({ create }) => {
    for (const service of /** @type {const} */ (["bifit-kassa", "mobile-smarts", "smart-satu"])) {
      const client = await create(service);
      const error = await refused(client.login({ ...ACCOUNTS[service], password: "wrong" }), "invalid_credentials", service);
      same([error.provider, error.fault, error.retryable, client.session], [service, "user", false, null]);
      await client.login(ACCOUNTS[service]);
      ok(client.session, "a session after the right one");
    }
  },
  "a wrong token is refused by the check": async ({ create }) => {
    const client = await create("invoicebox");
    const error = await refused(client.login({ token: "0".repeat(32) }), "invalid_token");
    same([error.fault, client.session], ["user", null]);
  },
  "a redirect service takes no password: unsupported": async ({ create, box }) => {
    const client = await create("bstats");
    await refused(client.login(/** @type {any} */ (ACCOUNTS[KASSA])), "unsupported");
    same(await box.total(), 0);
  },
  "credentials that are none are invalid_input, and nothing is sent": async ({ create, box }) => {
    const client = await create(KASSA);
    const wrong = [undefined, null, 5, "x", [], {}, { username: "79990000001" }, { ...ACCOUNTS[KASSA], otp: "x" }, { ...ACCOUNTS[KASSA], password: "" }, { ...ACCOUNTS[KASSA], password: 5 }];
    for (const given of wrong) await refused(client.login(/** @type {any} */ (given)), "invalid_input", JSON.stringify(given));
    same([await box.total(), client.session], [0, null]);
  },
  "a credential is well-formed Unicode of at most 64 KiB": async ({ create, box }) => {
    const client = await create(KASSA);
    for (const password of ["\ud800x", "x\udfff", "x".repeat(65_537), "Ω".repeat(32_769)]) await refused(client.login({ username: "79990000001", password }), "invalid_input");
    same(await box.total(), 0);
    await refused(client.login({ username: "79990000001", password: "Ω".repeat(32_768) }), "invalid_credentials");
  },
  "a second factor: asked for, then confirmed": async ({ create, box }) => {
    const client = await create(KASSA);
    await refused(client.login(SECOND_FACTOR), "second_factor_required");
    same(client.session, null);
    same((await client.confirm("123456")).provider, KASSA);
    same((await client.fetch(GOODS[KASSA])).status, 200);
    same(await box.counts(KASSA), { login: 1, confirm: 1, api: 1 });
  },
  "a second factor: a wrong code may be followed by the right one": async ({ create }) => {
    const client = await create(KASSA);
    await refused(client.login(SECOND_FACTOR), "second_factor_required");
    await refused(client.confirm("000000"), "invalid_second_factor");
    same(client.session, null);
    ok(await client.confirm("123456"));
  },
  "a second step without a first is invalid_input": async ({ create, box }) => {
    const client = await create(KASSA);
    await refused(client.confirm("123456"), "invalid_input");
    same(await box.total(), 0);
  },
  "a later login wins, and the one that it overtakes is aborted": async ({ create, box }) => {
    const client = await create(KASSA);
    await box.fault(KASSA, "login", { kind: "hold" });
    const first = refused(client.login(ACCOUNTS[KASSA]), "aborted");
    await box.held(KASSA);
    same((await client.login(ACCOUNTS[KASSA])).subject, "120041");
    await first;
    ok(client.session, "the later one's session");
  },
  "a provider of one's own, as data": async ({ make, services, propusk }) => {
    const { baseUrl } = services[KASSA];
    const provider = { ...propusk.providers[KASSA], id: "shop", baseUrl };
    const client = await make({ provider });
    const { provider: id, subject } = await client.login(ACCOUNTS[KASSA]);
    same([id, subject], ["shop", "120041"]);
    same((await client.fetch(GOODS[KASSA])).status, 200);
    ok(Object.isFrozen(propusk.providers) && Object.isFrozen(propusk.providers[KASSA].login), "frozen profiles");
    same(Object.keys(propusk.providers).sort(), ["bifit-kassa", "bstats", "invoicebox", "mobile-smarts", "smart-satu"]);
  },
};
