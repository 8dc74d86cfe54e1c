/** The relay in Express 5 and 4, Hono and Fastify, and behind what has read bodies already. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { installed } from "../package/installed.mjs";

/** @type {Record<string, any>} */
let outcomes;

before(async () => {
  const { ok, output } = await (await installed("servers")).node(["servers.mjs"]);
  assert.ok(ok, output);
  outcomes = JSON.parse(output.trim().split("\n").at(-1) ?? "");
});

const FORM = "application/x-www-form-urlencoded";
const SERVERS = ["express 5", "express 5, below a path", "express 5, bodies parsed", "express 5, bodies parsed simply", "express 5, bodies as text", "express 5, bodies as bytes", "express 4", "express 4, bodies parsed", "hono", "fastify"];

for (const server of SERVERS) {
  test(`the same requests have the same outcome in ${server}`, () => {
    assert.deepEqual(outcomes[server], {
      login: ["POST", "/v1/oauth/token", FORM, "grant_type=password&username=u&password=p%2B+%3D&client_id=cashdesk-rest-client&client_secret=cashdesk-rest-client"],
      grant: "400 invalid_request",
      call: ["GET", "/v1/protected/goods?page=2", null, ""],
      json: ["PUT", "/v1/protected/goods", "application/json", '{"a":[1,{"b":"й"}],"c":null}'],
      list: ["POST", "/v1/protected/goods", FORM, "a=1&a=2&b=%D0%B9"],
      empty: ["DELETE", "/v1/protected/goods", null, ""],
      nowhere: "404 not_found",
      own: "418 the app's own",
      near: "418 the app's own",
    });
  });
}

test("a body that something has read and kept to itself is a mistake of the server", () => {
  assert.equal(outcomes.swallowed, "500 internal");
});

test("no server is missing here", () => {
  assert.deepEqual(Object.keys(outcomes), [...SERVERS, "swallowed"]);
});
