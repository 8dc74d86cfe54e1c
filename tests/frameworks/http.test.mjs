/** Other people's HTTP libraries with a client, as the recipes say. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ACCOUNTS, start } from "../support/sandbox.mjs";
import { project } from "./support/project.mjs";

const KASSA = "bifit-kassa";
const NAMES = ["axios by its fetch adapter", "axios by interceptors", "ky", "got", "openapi-fetch", "graphql-request"];

const { load } = await project("http");
const { AuthClient, isAuthError } = await load("client.mjs");
const { libraries } = await load("libraries.mjs");
const box = await start();
const { baseUrl } = box.services[KASSA];

/** @type {import("propusk").AuthClient<"bifit-kassa">} */
let client;
/** @type {Record<string, () => Promise<string>>} */
let ways;
before(async () => {
  client = await AuthClient.create({ provider: KASSA, baseUrl });
  ways = libraries(client, baseUrl);
});
after(async () => {
  client.close();
  await box.stop();
});

test("all libraries of the recipes are here", () => assert.deepEqual(Object.keys(ways), NAMES));

for (const name of NAMES) {
  const sent = name === "graphql-request" ? /\{ name \}/ : /^\{"name":"tea"\}$/;

  test(`${name}: a call goes out with the credential and its body`, async () => {
    await client.login(ACCOUNTS[KASSA]);
    await box.clear();
    assert.match(await ways[name](), sent);
    assert.deepEqual((await box.journal(KASSA)).map(({ purpose, verdict }) => [purpose, verdict]), [["api", "ok"]]);
  });

  test(`${name}: of many calls with an expired token each is repeated, and one renewal serves all`, async () => {
    await client.login(ACCOUNTS[KASSA]);
    await box.expire(KASSA);
    await box.clear();
    for (const echo of await Promise.all(Array.from({ length: 10 }, () => ways[name]()))) assert.match(echo, sent);
    const purposes = (await box.journal(KASSA)).map(({ purpose }) => purpose);
    assert.equal(purposes.filter((purpose) => purpose === "refresh").length, 1);
    assert.ok(purposes.filter((purpose) => purpose === "api").length <= 20, "none is sent more than twice");
  });

  test(`${name}: without a session the error is the client's, or has it as its cause`, async () => {
    await client.logout();
    const error = await ways[name]().then((echo) => assert.fail(echo), (error) => error);
    assert.ok([error, error.cause].some((one) => isAuthError(one, "login_required")), String(error));
  });
}
