/** The hooks with the client itself, as a page has them: it is made at the top of a module, and a component is the first to ask. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { project } from "./support/project.mjs";

const { load, page } = await project("react-19");
const { React, renderToString, useRedirect, useSession } = await load("server.mjs");
const { AuthClient } = await load("client.mjs");
const { StrictMode, act, createElement: h } = React;

/** A server of the service, which knows one user. */
const fetch = async () => Response.json({ access_token: "granted", refresh_token: "again", expires_in: 43199, token_type: "bearer", user_id: 120041 });
const KASSA = { provider: "bifit-kassa", fetch };
const ACCOUNT = { username: "79990000001", password: "secret" };

/** A store as a caller's own. @param {Map<string, string>} kept */
const store = (kept) => ({
  get: (/** @type {string} */ key) => kept.get(key) ?? null,
  set: (/** @type {string} */ key, /** @type {string} */ value) => void kept.set(key, value),
  delete: (/** @type {string} */ key) => void kept.delete(key),
});

/** @param {{ client: any }} props */
function Account({ client }) {
  const { session, status } = useSession(client);
  return h("p", null, `${status} ${session?.subject ?? "nobody"}`);
}

/** Until the component shows that. @param {any} place @param {string} text */
async function shows(place, text) {
  // The client takes what steps it takes; a minute is only for a test that fails.
  for (const end = Date.now() + 60_000; place.textContent !== text && Date.now() < end; ) {
    await act(() => new Promise((resolve) => setTimeout(resolve, 5)));
  }
  assert.equal(place.textContent, text);
}

test("a server renders with a client that it never starts, though its address is a path", () => {
  const client = AuthClient.lazy({ ...KASSA, baseUrl: "/auth/kassa", fetch: () => assert.fail("nothing is sent") });
  assert.equal(renderToString(h(Account, { client })), "<p>loading nobody</p>");
});

test("a page restores a stored session, signs out and in, all seen by the component", async () => {
  const kept = new Map();
  const before = await AuthClient.create({ ...KASSA, storage: store(kept) });
  await before.login(ACCOUNT);
  before.close();

  const document = page();
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  const { createRoot } = await load("page.mjs");
  const client = AuthClient.lazy({ ...KASSA, storage: store(kept) });
  const place = document.createElement("div");
  const root = createRoot(place);
  await act(async () => root.render(h(StrictMode, null, h(Account, { client }))));
  await shows(place, "signed-in 120041");
  await act(() => client.logout());
  await shows(place, "signed-out nobody");
  await act(() => client.login(ACCOUNT));
  await shows(place, "signed-in 120041");
  await act(async () => root.unmount());
  client.close();

  const wrong = AuthClient.lazy({ ...KASSA, refreshBefore: -1 });
  const other = createRoot(place);
  await act(async () => other.render(h(Account, { client: wrong })));
  await shows(place, "signed-out nobody");
  await act(async () => other.unmount());
});

test("a service without redirects has none to finish, and says so", async () => {
  const { createRoot } = await load("page.mjs");
  const client = AuthClient.lazy(KASSA);
  const place = globalThis.document.createElement("div");
  const root = createRoot(place);
  function Callback() {
    const { status, error } = useRedirect(client);
    return `${status} ${/** @type {any} */ (error)?.code}`;
  }
  await act(async () => root.render(h(Callback)));
  await shows(place, "failed unsupported");
  await act(async () => root.unmount());
  client.close();
});
