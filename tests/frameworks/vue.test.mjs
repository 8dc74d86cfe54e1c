/** What the composable promises, in Vue 3. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { fake, session } from "./support/fake.mjs";
import { project } from "./support/project.mjs";
import { accountOf } from "./support/vue.mjs";

const { folder, load, require, page } = await project("vue-3");
// Vue looks for the page when it is loaded.
const document = page();
const { vue, renderToString, useSession } = await load("index.mjs");
const { createApp, createSSRApp, effectScope, h, nextTick, reactive, ref, shallowRef } = vue;

/** What Vue complains of. @type {unknown[][]} */
let complaints = [];
const { warn, error } = console;
beforeEach(() => {
  complaints = [];
  console.warn = console.error = (...texts) => void complaints.push(texts);
});
afterEach(() => {
  Object.assign(console, { warn, error });
  assert.deepEqual(complaints, []);
});

const account = accountOf({ h, useSession });

/** Mounts in a place of its own. @param {any} component */
async function mount(component) {
  const place = document.createElement("div");
  const app = createApp(component);
  app.mount(place);
  await nextTick();
  return { text: () => place.textContent, unmount: () => app.unmount() };
}

/** Until what was promised is known and shown. */
async function settled() {
  await null;
  await nextTick();
  await nextTick();
}

test("mounting starts the restoring", async () => {
  const { client, counts, restore } = fake();
  const { text, unmount } = await mount(account(client));
  assert.equal(text(), "loading nobody");
  assert.equal(counts.ready, 1);
  restore(session("1"));
  await settled();
  assert.equal(text(), "signed-in 1");
  unmount();
});

test("where no session is stored, or the client cannot start, nobody is signed in", async () => {
  for (const end of /** @type {const} */ (["restore", "fail"])) {
    const { client, become, ...ends } = fake();
    const { text, unmount } = await mount(account(client));
    ends[end](/** @type {any} */ (null));
    await settled();
    assert.equal(text(), "signed-out nobody");
    become(session("2"));
    await settled();
    assert.equal(text(), "signed-in 2");
    unmount();
  }
});

test("the component follows what happens to the session, and lets go of the client in the end", async () => {
  const { client, become, listening } = fake({ session: session("1") });
  const { text, unmount } = await mount(account(client));
  assert.equal(text(), "signed-in 1");
  become(session("1, renewed"), "refresh");
  await settled();
  assert.equal(text(), "signed-in 1, renewed");
  become(session("2"), "sync");
  await settled();
  assert.equal(text(), "signed-in 2");
  unmount();
  assert.equal(listening(), 0);
});

test("several components share what is known", async () => {
  const { client, counts, restore } = fake();
  const inner = account(client);
  const first = await mount({ render: () => [h(inner), h(inner)] });
  restore(null);
  await settled();
  assert.equal(first.text(), "signed-out nobodysigned-out nobody");
  const later = await mount(account(client));
  assert.equal(later.text(), "signed-out nobody");
  assert.equal(counts.ready, 1);
  first.unmount();
  later.unmount();
});

test("a client in Vue's reactive objects is the same client", async () => {
  const { client, counts, listening } = fake({ session: session("1") });
  const mounted = [];
  for (const wrapped of [reactive({ client }).client, ref(client).value, shallowRef(client).value, client]) {
    const { text, unmount } = await mount(account(wrapped));
    assert.equal(text(), "signed-in 1");
    mounted.push(unmount);
  }
  assert.equal(counts.ready, 1);
  for (const unmount of mounted) unmount();
  assert.equal(listening(), 0);
});

test("outside a component it follows until its scope ends", async () => {
  const { client, become, restore, listening } = fake();
  const scope = effectScope();
  const state = scope.run(() => useSession(client));
  assert.equal(state.status.value, "loading");
  restore(null);
  await settled();
  assert.equal(state.status.value, "signed-out");
  become(session("1"));
  assert.deepEqual([state.status.value, state.session.value.subject], ["signed-in", "1"]);
  scope.stop();
  assert.equal(listening(), 0);
});

test("the session stays the object that the client gives", async () => {
  const known = Object.freeze(session("1"));
  const { client } = fake({ session: known });
  const scope = effectScope();
  assert.equal(scope.run(() => useSession(client)).session.value, known);
  scope.stop();
});

test("what a server rendered is hydrated without a mismatch, then the page tells what it knows", async () => {
  const { client } = fake({ session: session("1") });
  /** @type {string[]} */
  const seen = [];
  const place = document.createElement("div");
  place.innerHTML = await renderToString(createSSRApp(account(client)));
  const rendered = place.querySelector("p");
  const app = createSSRApp(account(client, seen));
  app.mount(place);
  await settled();
  assert.deepEqual(seen, ["loading nobody", "signed-in 1"]);
  assert.equal(place.querySelector("p"), rendered, "the element of the server is the one that is used");
  assert.equal(place.textContent, "signed-in 1");
  app.unmount();
});

test("CommonJS has the same composable", () => {
  const common = require("propusk/vue");
  assert.deepEqual(Object.keys(common), ["useSession"]);
  const scope = require("vue").effectScope();
  const { client } = fake({ session: session("1") });
  assert.equal(scope.run(() => common.useSession(client)).status.value, "signed-in");
  scope.stop();
});

test("a strict program compiles: templates see the session itself, scripts a ref", async () => {
  const program = `
    import type { AuthClient, Session } from "propusk";
    import { useSession } from "propusk/vue";
    import { computed, defineComponent, h, watch, type Ref, type ShallowUnwrapRef } from "vue";
    declare const client: AuthClient<"bstats">;
    export const shown: ShallowUnwrapRef<ReturnType<typeof useSession>> = { session: null, status: "loading" };
    export const seen: Session | null = shown.session;
    export default defineComponent({
      setup() {
        const { session, status } = useSession(client);
        const found: Readonly<Ref<Session | null>> = session;
        const name = computed(() => session.value?.subject ?? "nobody");
        watch(session, (next) => next?.scope.join());
        watch([session, status], ([next, how]) => [next?.subject, how === "signed-in"]);
        // @ts-expect-error it is the client's to change
        status.value = "signed-out";
        // @ts-expect-error there is no such status
        if (status.value === "ready") return () => null;
        return () => h("p", [name.value, found.value?.subject]);
      },
    });`;
  writeFileSync(join(folder, "program.mts"), program);
  for (const [module, moduleResolution] of [["nodenext", "nodenext"], ["esnext", "bundler"]]) {
    const compilerOptions = { module, moduleResolution, target: "es2022", lib: ["es2022", "esnext.disposable", "dom"], types: [], strict: true, exactOptionalPropertyTypes: true, noEmit: true };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["program.mts"] }));
    const compiler = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
    const said = await promisify(execFile)(process.execPath, [compiler, "--project", folder]).then(() => "", ({ stdout }) => stdout);
    assert.equal(said, "", moduleResolution);
  }
});
