import { AuthClient } from "propusk";
import { afterEach, expect, test } from "vitest";
import { cheaperThan } from "../src/goods.js";
import { granted, refused, service } from "./service.js";

const ACCOUNT = { username: "79990000001", password: "secret" };
const goods = () => Response.json([{ name: "coffee", price: 300 }, { name: "tea", price: 100 }, { name: "samovar", price: 9000 }]);

let time = 0;
let client: AuthClient<"bifit-kassa">;
afterEach(() => client.close());

/** Signed in at a service that answers so. */
async function signedIn(answers: Record<string, (() => Response)[]>) {
  const played = service({ "/oauth/token": [granted], ...answers });
  time = Date.UTC(2026, 0, 1);
  client = await AuthClient.create({ provider: "bifit-kassa", fetch: played.fetch, now: () => time, retries: 0 });
  await client.login(ACCOUNT);
  played.asked.length = 0;
  return played;
}

test("shows what is cheap enough, cheapest first", async () => {
  await signedIn({ "/protected/goods": [goods] });
  expect((await cheaperThan(client, 1000)).map(({ name }) => name)).toEqual(["tea", "coffee"]);
});

test("renews the session when its token has grown old", async () => {
  const { asked } = await signedIn({ "/protected/goods": [goods] });
  time += 3600_000;
  await cheaperThan(client, 1000);
  expect(asked).toEqual(["POST /cashdesk-api/v1/oauth/token", "GET /cashdesk-api/v1/protected/goods"]);
});

test("says that nobody is signed in any more when the renewal is refused", async () => {
  await signedIn({ "/oauth/token": [granted, refused("invalid_grant")], "/protected/goods": [goods] });
  time += 3600_000;
  await expect(cheaperThan(client, 1000)).rejects.toMatchObject({ code: "login_required" });
  expect(client.session).toBeNull();
});

test("hands the service's own error on", async () => {
  await signedIn({ "/protected/goods": [() => Response.json({ error: "insufficient_scope" }, { status: 403 })] });
  await expect(cheaperThan(client, 1000)).rejects.toMatchObject({ code: "insufficient_scope", status: 403 });
});
