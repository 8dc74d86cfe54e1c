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
    assert.equal(scope.run(() => useSession(client)).status.value, "loading", "outside a component as well");
    scope.stop();
    assert.deepEqual([counts.ready, counts.subscriptions, listening()], [0, 0, 0]);
  }
});
