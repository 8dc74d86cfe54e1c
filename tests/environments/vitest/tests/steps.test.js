import * as propusk from "propusk";
import { expect, test } from "vitest";
import { drive } from "../shared/drive.mjs";

test("create, login, fetch, token, refresh", async () => {
  expect(await drive(propusk, process.env.KASSA_URL)).toEqual(["create", "login", "fetch", "token", "refresh"]);
}, 60_000);
