/** Answers in other charsets than UTF-8, as old servers in Russia send them: the provider's code and text are read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS } from "../support/sandbox.mjs";
import { failure, suite } from "../support/suite.mjs";

const KASSA = "bifit-kassa";
const { make, record } = await suite();

const LOWER = "абвгдежзийклмнопрстуфхцчшщъыьэюя";
/** Where the small letters are, in order; capitals stand 32 before, in KOI8-R after. */
const TABLES = {
  "windows-1251": [...LOWER].map((_, n) => 0xe0 + n),
  "koi8-r": [..."юабцдефгхийклмнопярстужвьызшэщчъ"].reduce((places, letter, n) => ((places[LOWER.indexOf(letter)] = 0xc0 + n), places), /** @type {number[]} */ ([])),
  "iso-8859-5": [...LOWER].map((_, n) => 0xd0 + n),
};

/** @param {string} text in small letters @param {keyof typeof TABLES} charset */
const encoded = (text, charset) => Uint8Array.from([...text].map((letter) => TABLES[charset][LOWER.indexOf(letter)] ?? letter.charCodeAt(0)));

const TEXT = "неверный пароль";
const JSON_BODY = `{"error":"invalid_grant","error_description":"${TEXT}"}`;
const xml = (/** @type {string} */ prolog) => `${prolog}<response><error>invalid_grant</error><error_description>${TEXT}</error_description></response>`;

/** A client whose provider answers so. @param {import("../support/recorder.mjs").Answer} answer @param {"json" | "xml"} [format] */
async function client(answer, format = "json") {
  const { origin } = await record(() => answer);
  const provider = {
    id: "own",
    baseUrl: origin,
    credentials: ["username", "password"],
    login: { kind: "request", request: { url: "/token", form: { username: "{username}", password: "{password}" } } },
    answer: { format: format === "xml" ? "auto" : "json", subject: "name" },
    present: { headers: { Authorization: "Bearer {access_token}" } },
  };
  return make({ provider, retries: 0 });
}

for (const charset of /** @type {(keyof typeof TABLES)[]} */ (Object.keys(TABLES))) {
  test(`the table of ${charset} is as the platform has it`, () => {
    assert.equal(new TextDecoder(charset).decode(encoded(LOWER, charset)), LOWER);
  });

  for (const name of [charset, charset.toUpperCase(), `"${charset}"`]) {
    test(`an error in JSON whose Content-Type says ${name}`, async () => {
      const made = await client({ status: 400, headers: { "content-type": `application/json; charset=${name}` }, body: encoded(JSON_BODY, charset) });
      const error = await failure(made.login(ACCOUNTS[KASSA]));
      assert.deepEqual([error.code, error.status, error.providerCode, error.providerMessage], ["invalid_credentials", 400, "invalid_grant", TEXT]);
    });
  }

  test(`an error in XML in ${charset}: by its Content-Type, and by its prolog`, async () => {
    for (const [type, prolog] of [
      [`text/xml; charset=${charset}`, ""],
      ["text/xml", `<?xml version="1.0" encoding="${charset}"?>`],
      ["application/xml", `<?xml version='1.0' encoding='${charset}'?>\n`],
    ]) {
      const made = await client({ status: 400, headers: { "content-type": type }, body: encoded(xml(prolog), charset) }, "xml");
      const error = await failure(made.login(ACCOUNTS[KASSA]));
      assert.deepEqual([error.code, error.providerCode, error.providerMessage], ["invalid_credentials", "invalid_grant", TEXT], `${type} ${prolog}`);
    }
  });

  test(`a token answer in ${charset} is read`, async () => {
    const body = encoded(`{"access_token":"abc","expires_in":3600,"name":"иванов"}`, charset);
    const made = await client({ headers: { "content-type": `application/json;charset=${charset}` }, body });
    assert.equal((await made.login(ACCOUNTS[KASSA])).subject, "иванов");
    assert.equal(await made.getAccessToken(), "abc");
  });

  test(`a problem of an API call in ${charset} is read from a clone`, async () => {
    const made = await client({ status: 400 });
    const response = new Response(encoded(JSON_BODY, charset), { status: 400, headers: { "content-type": `application/json; charset=${charset}` } });
    const error = await made.problem(response);
    assert.deepEqual([error?.providerCode, error?.providerMessage], ["invalid_grant", TEXT]);
    assert.equal(response.bodyUsed, false);
  });
}

test("what says nothing is UTF-8, with or without a mark at its beginning", async () => {
  for (const mark of ["", "\ufeff"]) {
    for (const type of ["application/json", "application/json; charset=utf-8", "application/json; charset=UTF8", "text/plain"]) {
      const made = await client({ status: 400, headers: { "content-type": type }, body: mark + JSON_BODY });
      assert.equal((await failure(made.login(ACCOUNTS[KASSA]))).providerMessage, TEXT, type);
    }
  }
});

for (const [what, answer] of /** @type {[string, import("../support/recorder.mjs").Answer][]} */ ([
  ["bytes that are no UTF-8 and say nothing", { body: encoded(JSON_BODY, "windows-1251"), headers: { "content-type": "application/json" } }],
  ["bytes that are not in the charset that they say", { body: encoded(JSON_BODY, "windows-1251"), headers: { "content-type": "application/json; charset=utf-8" } }],
  ["a charset that nobody knows", { body: JSON_BODY, headers: { "content-type": "application/json; charset=x-own" } }],
])) {
  test(`${what}: invalid_response with the status, whether it was an error or a token`, async () => {
    for (const status of [200, 400]) {
      const made = await client({ ...answer, status });
      const error = await failure(made.login(ACCOUNTS[KASSA]));
      assert.deepEqual([error.code, error.status], ["invalid_response", status]);
      assert.equal(made.session, null);
    }
  });
}

for (const status of [200, 400, 401, 403, 429, 500]) {
  test(`an answer ${status} over 1 MiB: its status is told`, async () => {
    for (const headers of [{ "content-type": "application/json" }, { "content-type": "text/html" }]) {
      const made = await client({ status, headers, body: JSON_BODY + " ".repeat(1024 * 1024) });
      const error = await failure(made.login(ACCOUNTS[KASSA]));
      assert.equal(error.status, status);
    }
  });
}
