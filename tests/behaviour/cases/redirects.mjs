/** Logins by redirect: begun, come back, handled once. */
import { ok, refused, same } from "../check.mjs";
import { GOODS, memory } from "../world.mjs";

const BSTATS = "bstats";

/** @type {Record<string, import("../cases.mjs").Case["run"]>} */
export const redirects = {
  "a redirect login: the address, the way back, and where the app wanted to go": async ({ create, consent, callback, services, box }) => {
    const client = await create(BSTATS, { storage: memory() });
    const address = await client.authorizationUrl({ returnTo: "/orders?open=1#3" });
    const { origin, pathname, searchParams } = new URL(address);
    same([origin + pathname, searchParams.get("redirect_uri"), searchParams.get("response_type")], [`${services[BSTATS].baseUrl}/api.php/auth`, callback, "code"]);
    same(await box.total(), 0);
    const result = await client.handleRedirect(await consent(address));
    same(result?.returnTo, "/orders?open=1#3");
    same((await client.fetch(GOODS[BSTATS])).status, 200);
  },
  "a callback handled twice, at once or later, is one exchange and one result": async ({ create, consent, box }) => {
    const client = await create(BSTATS, { storage: memory() });
    const back = await consent(await client.authorizationUrl({ returnTo: "/home" }));
    const [first, second] = await Promise.all([client.handleRedirect(back), client.handleRedirect(new URL(back))]);
    same(second, first);
    same(await client.handleRedirect(back), first);
    same(await box.counts(BSTATS), { authorize: 1, exchange: 1 });
  },
  "a pending login outlives its client: another one finishes it": async ({ create, consent }) => {
    const storage = memory();
    const first = await create(BSTATS, { storage });
    const back = await consent(await first.authorizationUrl({ returnTo: "/later" }));
    first.close();
    const second = await create(BSTATS, { storage });
    same((await second.handleRedirect(back))?.returnTo, "/later");
    const third = await create(BSTATS, { storage });
    same(third.session, second.session);
    await refused(third.handleRedirect(back), "redirect_unexpected");
  },
  "an address that is no callback: null": async ({ create, callback, box }) => {
    const client = await create(BSTATS, { storage: memory() });
    await client.authorizationUrl();
    for (const address of [callback, `${callback}?x=1`, `${callback}#code=1`, `${callback}/other?code=1`, "https://elsewhere.example/?code=1"]) {
      same(await client.handleRedirect(address), null, address);
    }
    same(await box.total(), 0);
  },
  "a code that nobody asked for is redirect_unexpected, and not sent": async ({ create, callback, box }) => {
    const client = await create(BSTATS, { storage: memory() });
    for (const query of ["code=stolen", "error=access_denied"]) await refused(client.handleRedirect(`${callback}?${query}`), "redirect_unexpected", query);
    same([await box.total(), client.session], [0, null]);
  },
  "denied consent is access_denied": async ({ create, consent }) => {
    const client = await create(BSTATS, { storage: memory() });
    const error = await refused(client.handleRedirect(await consent(await client.authorizationUrl(), "deny")), "access_denied");
    same([error.fault, error.providerCode, client.session], ["user", "access_denied", null]);
  },
  "a code that was used is code_expired": async ({ create, consent }) => {
    const back = await consent(await (await create(BSTATS, { storage: memory() })).authorizationUrl());
    const [first, second] = [await create(BSTATS, { storage: memory() }), await create(BSTATS, { storage: memory() })];
    await first.authorizationUrl();
    ok(await first.handleRedirect(back));
    await second.authorizationUrl();
    await refused(second.handleRedirect(back), "code_expired");
  },
  "where to go afterwards is a path, or an address of one's own": async ({ create }) => {
    const client = await create(BSTATS, { storage: memory() });
    for (const returnTo of ["https://evil.example/", "//evil.example", "javascript:alert(1)", 5]) {
      await refused(client.authorizationUrl(/** @type {any} */ ({ returnTo })), "invalid_input", String(returnTo));
    }
  },
  "services with a password know no redirect: unsupported": async ({ create }) => {
    const client = await create("bifit-kassa");
    await refused(client.authorizationUrl(), "unsupported");
  },
  "a server of one's own: state and PKCE in the address, and another state is refused": async ({ make, callback, box }) => {
    const query = { response_type: "code", client_id: "shop", redirect_uri: "{redirect_uri}", state: "{state}", code_challenge: "{code_challenge}", code_challenge_method: "S256" };
    const form = { grant_type: "authorization_code", code: "{code}", redirect_uri: "{redirect_uri}", code_verifier: "{code_verifier}" };
    /** @type {import("propusk").ProviderProfile} */
    const provider = {
      id: "own",
      baseUrl: "https://id.example",
      credentials: [],
      login: { kind: "redirect", authorize: { url: "authorize", query }, exchange: { url: "token", form } },
      present: { headers: { Authorization: "Bearer {access_token}" } },
    };
    const client = await make({ provider, redirectUri: callback, storage: memory() });
    const { origin, searchParams } = new URL(await client.authorizationUrl());
    same([origin, searchParams.get("client_id"), searchParams.get("redirect_uri")], ["https://id.example", "shop", callback]);
    ok(/^[\w-]{43}$/.test(searchParams.get("code_challenge") ?? "") && (searchParams.get("state") ?? "").length >= 16, "a challenge and a state");
    await refused(client.handleRedirect(`${callback}?code=x&state=another`), "state_mismatch");
    same([await box.total(), client.session], [0, null]);
  },
};
