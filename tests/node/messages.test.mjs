/** What a person is shown when something has gone wrong. */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { random } from "../stores/support/chance.mjs";
import { load, loadMessages, project } from "../support/package.mjs";

const dist = join(project(), "node_modules/propusk/dist");
const { AuthClient } = await load();
const { userMessage } = await loadMessages();

/** @typedef {import("propusk").AuthErrorCode} Code */

/** Faults of the program, by the declaration of `fault`. */
const CALLERS = /** @type {Code[]} */ ([
  "invalid_config",
  "invalid_input",
  "insecure_url",
  "origin_not_allowed",
  "unsupported",
  "closed",
  "invalid_client",
  "invalid_request",
  "invalid_scope",
  "unsupported_grant_type",
  "aborted",
]);

/** All codes, as they are declared. */
const CODES = /** @type {Code[]} */ (
  [.../export type AuthErrorCode =([^;]+);/.exec(readFileSync(join(dist, "index.d.ts"), "utf8"))?.[1].matchAll(/\| "(\w+)"/g) ?? []].map(([, code]) => code)
);

const LANGUAGES = /** @type {const} */ (["en", "ru"]);

/** What an AuthError is recognised by. */
const BRAND = Symbol.for("propusk.AuthError");

/** An error as the package makes them. @param {string} code @param {object} [fields] */
const failed = (code, fields) => Object.assign(new Error("of no interest"), { [BRAND]: true, code, provider: null, status: null, retryable: true, retryAfter: null, ...fields });

/** Each case that has a sentence of its own. */
const CASES = /** @type {const} */ ([
  ["a wrong password", failed("invalid_credentials", { status: 400, provider: "smart-satu" }), "The user name or password was not accepted. Please check both and try again.", "Логин или пароль не подошли. Проверьте их и попробуйте ещё раз."],
  ["a wrong password of a phone", failed("invalid_credentials", { status: 400, provider: "bifit-kassa" }), "The phone number or password was not accepted. Please check both and try again.", "Телефон или пароль не подошли. Проверьте их и попробуйте ещё раз."],
  ["a wrong token of a merchant", failed("invalid_token", { status: 401, provider: "invoicebox" }), "The access key was not accepted. Please copy it from your account at the service once more.", "Ключ доступа не подошёл. Скопируйте его ещё раз из личного кабинета сервиса."],
  ["a token that is over", failed("invalid_token", { status: 401, provider: "bstats" }), "Access to the service is no longer valid. Please sign in again.", "Доступ к сервису больше не действует. Войдите ещё раз."],
  ["a second step", failed("second_factor_required"), "To finish signing in, please enter the confirmation code.", "Чтобы завершить вход, введите код подтверждения."],
  ["a wrong code", failed("invalid_second_factor", { status: 400 }), "The confirmation code was not accepted. Please check it or request a new one.", "Код подтверждения не подошёл. Проверьте его или запросите новый."],
  ["a refused consent", failed("access_denied"), "Access was not granted, so the sign-in was not completed. To continue, sign in again and allow access.", "Доступ не был разрешён, поэтому вход не завершён. Чтобы продолжить, начните вход заново и разрешите доступ."],
  ["an account that is not let in", failed("access_denied", { status: 403 }), "This account has no access to the service. Please contact your administrator.", "У этой учётной записи нет доступа к сервису. Обратитесь к администратору."],
  ["an ended session", failed("login_required", { status: 400 }), "Your session has ended. Please sign in again.", "Сеанс завершён. Войдите ещё раз."],
  ["a busy service", failed("rate_limited", { status: 429 }), "The service is busy right now. Please try again a little later.", "Сервис сейчас перегружен. Попробуйте ещё раз чуть позже."],
  ["a busy service with a wait", failed("rate_limited", { status: 429, retryAfter: 5000 }), "The service is busy right now. Please try again in 5 seconds.", "Сервис сейчас перегружен. Попробуйте ещё раз через 5 секунд."],
  ["a service that is down", failed("server_error", { status: 503 }), "The service is temporarily unavailable. Please try again a little later.", "Сервис временно недоступен. Попробуйте ещё раз чуть позже."],
  ["a service that says when", failed("server_error", { status: 503, retryAfter: 120_000 }), "The service is temporarily unavailable. Please try again in 2 minutes.", "Сервис временно недоступен. Попробуйте ещё раз через 2 минуты."],
  ["a broken connection", failed("network"), "The service cannot be reached. Please check your internet connection and try again.", "Не удаётся подключиться к сервису. Проверьте подключение к интернету и попробуйте ещё раз."],
  ["a connection that will not come about", failed("network", { retryable: false }), "The service cannot be reached. If your internet connection works, please contact support.", "Не удаётся подключиться к сервису. Если интернет работает, обратитесь в поддержку."],
  ["an old link", failed("redirect_unexpected"), "This sign-in link has already been used or is out of date. Please sign in again.", "Эта ссылка для входа уже использована или устарела. Начните вход заново."],
  ["a fault of the program", failed("invalid_config"), "Something went wrong. Please try again; if that does not help, contact support.", "Что-то пошло не так. Попробуйте ещё раз, а если не поможет, обратитесь в поддержку."],
]);

for (const [name, error, english, russian] of CASES) {
  test(`${name} has its sentence in both languages`, () => {
    assert.equal(userMessage(error, "en"), english);
    assert.equal(userMessage(error, "ru"), russian);
  });
}

/** Every text that can be shown. @returns {{ language: string, code: string, text: string }[]} */
function texts() {
  const variants = [{}, { provider: "bifit-kassa" }, { provider: "invoicebox" }, { status: 403 }, { retryable: false }, { retryAfter: 7000 }, { retryAfter: 90_000 }];
  return LANGUAGES.flatMap((language) =>
    ["", ...CODES].flatMap((code) =>
      [code, ...variants.map((fields) => failed(code, fields))].map((error) => ({ language, code, text: userMessage(error, language) })),
    ),
  );
}

test("every code is declared once and has a sentence: its own, or the neutral one where the program is at fault", () => {
  assert.equal(new Set(CODES).size, CODES.length);
  assert.ok(CODES.length >= 28 && CALLERS.every((code) => CODES.includes(code)), CODES.join());
  for (const language of LANGUAGES) {
    const general = userMessage(undefined, language);
    for (const code of CALLERS) assert.equal(userMessage(code, language), general, code);
    const own = CODES.filter((code) => !CALLERS.includes(code)).map((code) => userMessage(code, language));
    assert.equal(new Set([general, ...own]).size, own.length + 1, "no two codes share a sentence");
  }
});

test("a sentence is one or two whole ones, in one language, for reading at a glance", () => {
  for (const { language, code, text } of texts()) {
    assert.match(text, language === "ru" ? /^[А-ЯЁ][а-яё0-9 ,:;-]+\.( [А-ЯЁ][а-яё0-9 ,:;-]+\.)?$/ : /^[A-Z][A-Za-z0-9 ,:;-]+\.( [A-Z][A-Za-z0-9 ,:;-]+\.)?$/, code);
    assert.ok(text.length <= 130, `${code}: ${text}`);
  }
});

test("no sentence blames, none speaks of how things work inside, and nobody is called «Вы»", () => {
  const blame = /wrong (password|code|user)|incorrect|mistake|fault|you (have |)(entered|typed|made|did|forgot)|неверн|неправильн|ошиб|вы (ввели|сделали|забыли)|вин(а|ы|оват)/i;
  const jargon = /token|oauth|http|json|redirect|callback|cookie|grant_|client|url|\bapi\b|server|status|_|токен|сервер|запрос(?!ите)|авториз|редирект|куки|протокол|клиент/i;
  for (const { text } of texts()) {
    assert.doesNotMatch(text, blame);
    assert.doesNotMatch(text, jargon);
    assert.doesNotMatch(text, /(?<![.!?] |^)В(ы|ас|ам|аш)(?![а-я])/);
  }
});

test("what can be done is said: each sentence asks for something", () => {
  for (const { text } of texts()) assert.match(text, /please|sign in|попробуйте|войдите|введите|проверьте|начните|обратитесь|скопируйте/i);
});

const WAITS = /** @type {const} */ ([
  [1, "1 second", "1 секунду"],
  [1000, "1 second", "1 секунду"],
  [1001, "2 seconds", "2 секунды"],
  [4000, "4 seconds", "4 секунды"],
  [5000, "5 seconds", "5 секунд"],
  [11_000, "11 seconds", "11 секунд"],
  [14_000, "14 seconds", "14 секунд"],
  [20_000, "20 seconds", "20 секунд"],
  [21_000, "21 seconds", "21 секунду"],
  [42_000, "42 seconds", "42 секунды"],
  [59_000, "59 seconds", "59 секунд"],
  [59_001, "1 minute", "1 минуту"],
  [60_000, "1 minute", "1 минуту"],
  [60_001, "2 minutes", "2 минуты"],
  [300_000, "5 minutes", "5 минут"],
  [660_000, "11 minutes", "11 минут"],
  [1_260_000, "21 minutes", "21 минуту"],
  [3_600_000, "60 minutes", "60 минут"],
  [6_660_000, "111 minutes", "111 минут"],
  [7_260_000, "121 minutes", "121 минуту"],
]);

for (const [ms, english, russian] of WAITS) {
  test(`a wait of ${ms} ms is told as ${english}`, () => {
    for (const code of ["rate_limited", "server_error", "network", "timeout"]) {
      assert.ok(userMessage(failed(code, { retryAfter: ms }), "en").endsWith(` try again in ${english}.`), code);
      assert.ok(userMessage(failed(code, { retryAfter: ms }), "ru").endsWith(`опробуйте ещё раз через ${russian}.`), code);
    }
  });
}

test("a wait that is none is left out", () => {
  for (const retryAfter of [0, -1, NaN, Infinity, -Infinity, Number.MAX_VALUE, "5000", 5000n, null, undefined, {}, [5000], Symbol("5000")]) {
    assert.equal(userMessage(failed("rate_limited", { retryAfter }), "en"), userMessage("rate_limited", "en"));
    assert.equal(userMessage(failed("rate_limited", { retryAfter }), "ru"), userMessage("rate_limited", "ru"));
  }
});

test("whatever the wait, it is never told shorter, at most a unit longer, and in the right case", (context) => {
  const seed = Number(process.env.PROPUSK_SEED ?? randomInt(2 ** 31));
  context.diagnostic(`seed ${seed} (PROPUSK_SEED)`);
  const chance = random(seed);
  const UNITS = { second: 1000, seconds: 1000, minute: 60_000, minutes: 60_000 };
  const plural = new Intl.PluralRules("ru");
  for (let round = 0; round < 5000; round++) {
    const ms = Math.exp(chance() * 25) * (chance() < 0.5 ? 1 : 1e-3);
    const [, n, unit] = /in (\d+) (\w+)\.$/.exec(userMessage(failed("rate_limited", { retryAfter: ms }), "en")) ?? assert.fail(`${ms}`);
    const size = UNITS[/** @type {keyof typeof UNITS} */ (unit)];
    assert.ok(Number(n) * size >= ms && (Number(n) - 1) * size < ms, `${ms}: ${n} ${unit}`);
    assert.equal(size === 60_000, ms > 59_000, `${ms}: seconds below a minute, then minutes`);
    assert.equal(unit.endsWith("s"), n !== "1");
    const ending = { one: "у", few: "ы", many: "" }[/** @type {"one" | "few" | "many"} */ (plural.select(Number(n)))];
    const russian = userMessage(failed("rate_limited", { retryAfter: ms }), "ru");
    assert.ok(russian.endsWith(`через ${n} ${size === 1000 ? "секунд" : "минут"}${ending}.`), russian);
  }
});

test("languages go by their primary subtag, in any case; others and none are English", () => {
  for (const language of ["ru", "RU", "ru-RU", "Ru-ru", "ru-Cyrl-BY", "ru_RU", "ru_RU.UTF-8"]) assert.match(userMessage("network", language), /[а-я]/, language);
  const others = ["en", "en-GB", "EN", "", "de", "rus", "run", "be-RU", "x-ru", " ", "*", undefined, null, 7, {}, Symbol("ru"), ["ru"], () => "ru"];
  for (const language of others) {
    assert.equal(userMessage("network", /** @type {any} */ (language)), userMessage("network"), String(language));
  }
  assert.match(userMessage("network"), /^The service/);
});

/** A proxy that throws at whatever is done with it. @param {object} target */
const hostile = (target) =>
  new Proxy(target, new Proxy({}, { get: () => () => { throw new Error("not for you"); } }));

test("what is no AuthError and no code gets the general sentence, and nothing throws", () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const branded = (/** @type {unknown} */ brand) => ({ [BRAND]: brand, code: "network" });
  const strangers = [
    undefined, null, true, 0, 7n, NaN, "", "Network", "NETWORK", "network ", "toString", "__proto__", "constructor", "hasOwnProperty", Symbol("network"),
    {}, [], ["network"], () => "network", Object("network"), Object.create(null), new Error("network"), new TypeError("Failed to fetch"),
    new DOMException("stopped", "AbortError"), { code: "network" }, Object.assign(new Error("reset"), { code: "timeout" }), { name: "AuthError", code: "network" },
    branded(false), branded("true"), branded(1), failed("nothing_known"), failed("toString"), failed("__proto__"), failed(/** @type {any} */ (undefined)), failed(/** @type {any} */ ({ toString: () => "network" })),
    revoked.proxy, hostile({}), hostile(() => {}), Object.defineProperty({}, BRAND, { get: () => { throw new Error("not for you"); } }),
    Object.defineProperty({ [BRAND]: true }, "code", { get: () => { throw new Error("not for you"); } }),
  ];
  for (const [place, stranger] of strangers.entries()) {
    for (const language of LANGUAGES) assert.equal(userMessage(stranger, language), userMessage(undefined, language), `stranger ${place}`);
  }
});

test("an AuthError of which a part cannot be read still has its sentence", () => {
  for (const part of ["provider", "status", "retryable", "retryAfter"]) {
    const error = Object.defineProperty(failed("rate_limited"), part, { get: () => { throw new Error("not for you"); } });
    assert.equal(userMessage(error), userMessage("rate_limited"), part);
  }
});

test("errors of the package, of another realm and of another copy are known", async () => {
  const own = await AuthClient.create(/** @type {any} */ ({ provider: "none" })).catch((error) => error);
  assert.equal(own.code, "invalid_config");
  assert.equal(userMessage(own), userMessage("invalid_config"));
  const options = /** @type {any} */ ({ provider: "mobile-smarts", baseUrl: "https://127.0.0.1:9/", retries: 0, fetch: () => Promise.reject(new TypeError("fetch failed")) });
  const client = await AuthClient.create(options);
  const broken = await client.login({ username: "user", password: "secret" }).catch((error) => error);
  client.close();
  assert.equal(broken.code, "network");
  assert.equal(userMessage(broken, "ru"), CASES.find(([name]) => name === (broken.retryable ? "a broken connection" : "a connection that will not come about"))?.[3]);
  const foreign = runInNewContext(`class AuthError extends Error { get [Symbol.for("propusk.AuthError")]() { return true; } code = "login_required"; }; new AuthError("over")`);
  assert.ok(!(foreign instanceof Error));
  assert.equal(userMessage(foreign, "ru"), userMessage("login_required", "ru"));
  assert.equal(userMessage(new Proxy(failed("timeout"), {})), userMessage("timeout"));
});

test("nothing that came with the error is shown", () => {
  const marked = { message: "S3CRET", providerCode: "S3CRET", providerMessage: "S3CRET", hint: "S3CRET", provider: "S3CRET", stack: "S3CRET", cause: "S3CRET" };
  for (const language of LANGUAGES) {
    for (const code of CODES) assert.doesNotMatch(userMessage(failed(code, marked), language), /S3CRET/, code);
  }
});

test("a polluted prototype has no say", (context) => {
  const prototype = /** @type {any} */ (Object.prototype);
  context.after(() => delete prototype.stolen);
  prototype.stolen = "Send us your password.";
  assert.equal(userMessage("stolen"), userMessage(undefined));
});

test("CommonJS has the same sentences", () => {
  const common = createRequire(join(project(), "script.cjs"))("propusk/messages");
  for (const [name, error] of CASES) assert.equal(common.userMessage(error, "ru"), userMessage(error, "ru"), name);
});

test("the script stands alone", () => {
  for (const name of ["messages.js", "messages.cjs"]) assert.doesNotMatch(readFileSync(join(dist, name), "utf8"), /\brequire\(|\bimport\b|\bfrom"/, name);
});
