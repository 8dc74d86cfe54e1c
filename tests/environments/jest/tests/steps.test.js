const propusk = require("propusk");
const { drive } = require("../shared/drive.cjs");

test("create, login, fetch, token, refresh", async () => {
  expect(await drive(propusk, process.env.KASSA_URL)).toEqual(["create", "login", "fetch", "token", "refresh"]);
}, 60_000);
