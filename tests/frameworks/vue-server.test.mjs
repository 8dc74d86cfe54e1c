/** What the composable promises to a server that renders: in a process of its own, since Vue looks for a page when it is loaded. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fake, session } from "./support/fake.mjs";
import { project } from "./support/project.mjs";
import { accountOf } from "./support/vue.mjs";

const { load } = await project("vue-3");
const { vue, renderToString, useSession } = await load("index.mjs");
const { createSSRApp, effectScope, h } = vue;
const account = accountOf({ h, useSession });

test('a server renders "loading", and begins nothing', async () => {
  for (const known of [null, session("1")]) {
    const { client, counts, listening } = fake({ session: known });
    assert.equal(await renderToString(createSSRApp(account(client))), "<p>loading nobody</p>");
    const scope = effectScope();
    const app = createSSRApp(account(client));
    const state = app.runWithContext(() => scope.run(() => useSession(client)));
    assert.equal(state.status.value, "loading", "in a plugin or a store as well");
    scope.stop();
    assert.deepEqual([counts.ready, counts.subscriptions, listening()], [0, 0, 0]);
  }
});

test("a script without an app, such as a test, follows the session without a page", async () => {
  const { client, restore, listening } = fake();
  const scope = effectScope();
  const state = scope.run(() => useSession(client));
  restore(session("1"));
  assert.deepEqual([state.status.value, state.session.value.subject], ["signed-in", "1"]);
  scope.stop();
  assert.equal(listening(), 0);
});
