/** What the hooks promise, for one version of React. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { fake, session } from "./fake.mjs";
import { project } from "./project.mjs";

/** @param {"react-18" | "react-19"} version */
export async function reactTests(version) {
  const { load, require, page } = await project(version);
  const { React, renderToString, useRedirect, useSession } = await load("server.mjs");
  const { StrictMode, act, createElement: h } = React;

  /** What React complains of. @type {unknown[][]} */
  let complaints = [];
  const { error } = console;
  beforeEach(() => {
    complaints = [];
    console.error = (...texts) => void complaints.push(texts);
  });
  afterEach(() => {
    console.error = error;
    assert.deepEqual(complaints, []);
  });

  /** Shows the session. @param {{ client: any, seen?: any[] }} props */
  function Account({ client, seen }) {
    const state = useSession(client);
    seen?.push(state);
    return h("p", null, `${state.status} ${state.session?.subject ?? "nobody"}`);
  }

  /** Shows how the redirect goes. @param {{ client: any, seen?: any[] }} props */
  function Callback({ client, seen }) {
    const state = useRedirect(client);
    seen?.push(state);
    return h("p", null, `${state.status} ${state.returnTo}`);
  }

  // Before there is a page: this process is a server as yet.
  test(`${version}: a server renders "loading" and "idle", and begins nothing`, () => {
    for (const known of [null, session("1")]) {
      const { client, counts, listening } = fake({ session: known });
      const html = renderToString(h("div", null, h(Account, { client }), h(Callback, { client })));
      assert.equal(html, "<div><p>loading nobody</p><p>idle null</p></div>");
      assert.deepEqual([counts, listening()], [{ ready: 0, redirects: 0, subscriptions: 0 }, 0]);
    }
  });

  /** @type {any} */
  let document;
  /** @type {any} */
  let dom;

  /** From here on this process is a page. */
  async function begin() {
    if (dom) return;
    document = page();
    Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
    dom = await load("page.mjs");
  }

  /** Renders in a place of its own. @param {any} element */
  async function render(element) {
    await begin();
    const place = document.createElement("div");
    const root = dom.createRoot(place);
    await act(async () => root.render(element));
    return {
      text: () => place.textContent,
      again: (/** @type {any} */ next) => act(async () => root.render(next)),
      unmount: () => act(async () => root.unmount()),
    };
  }

  for (const [mode, wrap] of /** @type {const} */ ([["", (/** @type {any} */ element) => element], [" in StrictMode", (/** @type {any} */ element) => h(StrictMode, null, element)]])) {
    test(`${version}: mounting starts the restoring, once${mode}`, async () => {
      const { client, counts, restore } = fake();
      const { text, unmount } = await render(wrap(h(Account, { client })));
      assert.equal(text(), "loading nobody");
      assert.equal(counts.ready, 1);
      await act(async () => restore(session("1")));
      assert.equal(text(), "signed-in 1");
      assert.equal(counts.ready, 1);
      await unmount();
    });

    test(`${version}: where no session is stored nobody is signed in${mode}`, async () => {
      const { client, restore } = fake();
      const { text, unmount } = await render(wrap(h(Account, { client })));
      await act(async () => restore(null));
      assert.equal(text(), "signed-out nobody");
      await unmount();
    });

    test(`${version}: where the client cannot start nobody is signed in, until somebody is${mode}`, async () => {
      const { client, fail, become } = fake();
      const { text, unmount } = await render(wrap(h(Account, { client })));
      await act(async () => fail(new Error("no WebAssembly")));
      assert.equal(text(), "signed-out nobody");
      await act(async () => become(session("2")));
      assert.equal(text(), "signed-in 2");
      await unmount();
    });

    test(`${version}: the component follows what happens to the session, and lets go of the client in the end${mode}`, async () => {
      const { client, become, restore, listening } = fake();
      const { text, unmount } = await render(wrap(h(Account, { client })));
      await act(async () => restore(session("1")));
      for (const [next, reason, shown] of /** @type {const} */ ([
        [session("1, renewed"), "refresh", "signed-in 1, renewed"],
        [session("2"), "sync", "signed-in 2"],
        [null, "expire", "signed-out nobody"],
        [session("3"), "login", "signed-in 3"],
        [null, "logout", "signed-out nobody"],
      ])) {
        await act(async () => become(next, reason));
        assert.equal(text(), shown);
      }
      await unmount();
      assert.equal(listening(), 0);
    });

    test(`${version}: a redirect is finished once${mode}, and the outcome stays for the page load`, async () => {
      /** @type {(result: any) => void} */
      let finish = () => {};
      const { client, counts } = fake({ redirect: () => new Promise((resolve) => (finish = resolve)) });
      const { text, unmount } = await render(wrap(h("div", null, h(Callback, { client }), h(Callback, { client }))));
      assert.equal(text(), "working nullworking null");
      await act(async () => finish({ session: session("1"), returnTo: "/reports" }));
      assert.equal(text(), "done /reportsdone /reports");
      await unmount();
      const later = await render(wrap(h(Callback, { client })));
      assert.equal(later.text(), "done /reports");
      assert.equal(counts.redirects, 1);
      await later.unmount();
    });

    test(`${version}: a redirect that fails tells why${mode}`, async () => {
      const reason = new Error("refused");
      for (const redirect of [() => Promise.reject(reason), () => { throw reason; }]) {
        const { client, counts } = fake({ redirect });
        /** @type {any[]} */
        const seen = [];
        const { text, unmount } = await render(wrap(h(Callback, { client, seen })));
        assert.equal(text(), "failed null");
        assert.equal(seen.at(-1).error, reason);
        assert.equal(counts.redirects, 1);
        await unmount();
      }
    });
  }

  test(`${version}: a page that is no callback has nothing to finish`, async () => {
    const { client, counts } = fake();
    /** @type {any[]} */
    const seen = [];
    const { unmount } = await render(h(Callback, { client, seen }));
    assert.deepEqual(seen.at(-1), { status: "idle", returnTo: null, error: null });
    assert.equal(counts.redirects, 1);
    await unmount();
  });

  test(`${version}: a component that unmounts while a redirect is finished disturbs nothing`, async () => {
    /** @type {(result: any) => void} */
    let finish = () => {};
    const { client } = fake({ redirect: () => new Promise((resolve) => (finish = resolve)) });
    const { unmount } = await render(h(Callback, { client }));
    await unmount();
    finish({ session: session("1"), returnTo: null });
    const later = await render(h(Callback, { client }));
    assert.equal(later.text(), "done null");
    await later.unmount();
  });

  test(`${version}: what is known is shown by the first render of a component that comes later`, async () => {
    const { client, restore } = fake();
    const first = await render(h(Account, { client }));
    await act(async () => restore(null));
    /** @type {any[]} */
    const seen = [];
    const later = await render(h(Account, { client, seen }));
    assert.deepEqual(seen.map(({ status }) => status), ["signed-out"]);
    await first.unmount();
    await later.unmount();
  });

  test(`${version}: a session that is there is shown by the first render, though it is not yet ready`, async () => {
    const { client } = fake({ session: session("1") });
    /** @type {any[]} */
    const seen = [];
    const { unmount } = await render(h(Account, { client, seen }));
    assert.deepEqual(seen.map(({ status }) => status), ["signed-in"]);
    await unmount();
  });

  test(`${version}: a component renders again for a change only, and has the same object until then`, async () => {
    const { client, become, restore } = fake({ session: session("1") });
    /** @type {any[]} */
    const seen = [];
    const element = h(Account, { client, seen });
    const { again, unmount } = await render(element);
    await act(async () => restore(null));
    await act(async () => become(client.session, "sync"));
    assert.equal(seen.length, 1);
    await again(h(Account, { client, seen }));
    assert.equal(seen.length, 2);
    assert.equal(seen[0], seen[1]);
    await unmount();
  });

  test(`${version}: a change between rendering and mounting is not missed`, async () => {
    const { client, become } = fake();
    function Child() {
      React.useLayoutEffect(() => become(session("early")), []);
      return null;
    }
    const { text, unmount } = await render(h("div", null, h(Child), h(Account, { client })));
    assert.equal(text(), "signed-in early");
    await unmount();
  });

  test(`${version}: another client in its place is followed, the former one is let go`, async () => {
    const one = fake({ session: session("1") });
    const two = fake({ session: session("2") });
    const { text, again, unmount } = await render(h(Account, { client: one.client }));
    await again(h(Account, { client: two.client }));
    assert.equal(text(), "signed-in 2");
    assert.equal(one.listening(), 0);
    await act(async () => one.become(null));
    assert.equal(text(), "signed-in 2");
    await act(async () => two.become(null));
    await act(async () => two.restore(null));
    assert.equal(text(), "signed-out nobody");
    await unmount();
  });

  test(`${version}: what a server rendered is hydrated without a mismatch, then the page tells what it knows`, async () => {
    await begin();
    for (const strict of [false, true]) {
      const { client, counts } = fake({ session: session("1"), redirect: async () => ({ session: session("1"), returnTo: "/" }) });
      /** @type {any[]} */
      const accounts = [];
      /** @type {any[]} */
      const callbacks = [];
      const tree = () => {
        const inner = h("div", null, h(Account, { client, seen: accounts }), h(Callback, { client, seen: callbacks }));
        return strict ? h(StrictMode, null, inner) : inner;
      };
      const place = document.createElement("div");
      place.innerHTML = renderToString(tree());
      const rendered = place.querySelector("p");
      accounts.length = callbacks.length = 0;
      /** @type {unknown[]} */
      const recovered = [];
      /** @type {any} */
      let root;
      await act(async () => (root = dom.hydrateRoot(place, tree(), { onRecoverableError: (/** @type {unknown} */ reason) => recovered.push(reason) })));
      assert.deepEqual(recovered, []);
      assert.equal(place.querySelector("p"), rendered, "the element of the server is the one that is used");
      assert.deepEqual([accounts[0].status, accounts[0].session, callbacks[0].status], ["loading", null, "idle"]);
      assert.equal(place.textContent, "signed-in 1done /");
      assert.equal(counts.redirects, 1);
      await act(async () => root.unmount());
    }
  });

  test(`${version}: CommonJS has the same hooks`, async () => {
    const common = require("propusk/react");
    assert.deepEqual(Object.keys(common).sort(), ["useRedirect", "useSession"]);
    const { client } = fake({ session: session("1") });
    const { text, unmount } = await render(h(() => `${common.useSession(client).status} ${common.useRedirect(client).status}`));
    assert.equal(text(), "signed-in idle");
    await unmount();
  });
}
