/** The table of what ran where: a row of an environment stays as it was until it is tried again. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { environments } from "../list.mjs";

/** @typedef {{ title: string, name: string, version: string, ran: string[], failed: string | null, lacking: { en: string, ru: string } | null }} Row */

const MACHINE = `${process.platform} ${process.arch}, ${cpus().length} CPU`;

const LANGUAGES = /** @type {const} */ ({
  en: {
    file: "environments.md",
    head: `# Where it runs

Each row is a program or a page that its own scaffold made, with the packed package beside it and not a line of configuration for it. [По-русски](environments.ru.md)

What is done in each, against the strict services of the repository's sandbox: a client is made (*create*), a wrong password is refused and the right one signs in (*login*), an API call is answered
(*fetch*), a token that is over is renewed before it is handed out (*token*), and the session is renewed on demand (*refresh*). Pages go through \`propusk/relay\`. *Cases* are those of \`tests/behaviour\`, which run
unchanged in every runtime; *relay* is \`propusk/relay\` mounted in that server and asked from outside, by a client and by an attacker. In Jest's jsdom, which has no \`fetch\`, the environment is
\`jest-fixed-jsdom\`.

    cargo xtask test environments          # all of them: this table is written by it
    cargo xtask test environments deno bun # some

The most used ones are part of \`cargo xtask test\`: Vite and webpack by the suite \`environments\`, Next.js, Vite with React, Vitest and Jest by \`examples\`, Node and Chromium by all the others.

| environment | version | what ran | result | date | machine |
|---|---|---|---|---|---|`,
    passed: "passed",
    failed: "failed",
    lacking: "not run",
  },
  ru: {
    file: "environments.ru.md",
    head: `# Где это работает

Каждая строка — программа или страница, сделанная по правилам своего инструмента, с упакованным пакетом рядом и без единой строки настроек ради него. [In English](environments.md)

Что в каждой делается со строгими сервисами из песочницы: создаётся клиент (*create*), неверный пароль отвергнут, верный впускает (*login*), вызов API получает ответ (*fetch*), токен, срок которого вышел, перед выдачей
заменён новым (*token*), сессия продлевается по требованию (*refresh*). Страницы ходят через \`propusk/relay\`. *Cases* — случаи из \`tests/behaviour\`, одни и те же во всех средах; *relay* — \`propusk/relay\`, подключённый к этому
серверу: к нему обращаются снаружи клиент и злоумышленник. В jsdom из Jest нет \`fetch\`, поэтому там среда — \`jest-fixed-jsdom\`.

    cargo xtask test environments          # все: эта таблица пишется так
    cargo xtask test environments deno bun # некоторые

Самые распространённые входят в \`cargo xtask test\`: Vite и webpack — набор \`environments\`, Next.js, Vite с React, Vitest и Jest — \`examples\`, Node и Chromium — все остальные.

| среда | версия | что выполнено | итог | дата | машина |
|---|---|---|---|---|---|`,
    passed: "прошло",
    failed: "не прошло",
    lacking: "не запускалось",
  },
});

/** What ran, in places that end in a colon where there are several. @param {readonly string[]} ran */
export const listed = (ran) => ran.reduce((text, word) => (text ? `${text}${text.endsWith(":") ? " " : word.endsWith(":") ? "; " : ", "}${word}` : word), "");

/** @param {string} text */
const cell = (text) => text.replaceAll("|", "\\|").replaceAll("\n", " ");

/** @param {readonly Row[]} rows */
export function writeMatrix(rows) {
  const date = new Date().toISOString().slice(0, 10);
  for (const [language, words] of Object.entries(LANGUAGES)) {
    const path = fileURLToPath(new URL(`../../../docs/${words.file}`, import.meta.url));
    /** @type {Map<string, string>} */
    const lines = new Map();
    if (existsSync(path)) {
      for (const line of readFileSync(path, "utf8").split("\n").filter((text) => text.startsWith("| ")).slice(1)) lines.set(line.split(" | ")[0].slice(2), line);
    }
    for (const { title, version, ran, failed, lacking } of rows) {
      const result = failed !== null ? words.failed : lacking !== null ? `${words.lacking}: ${cell(lacking[/** @type {"en"} */ (language)])}` : words.passed;
      lines.set(title, `| ${title} | ${version || "—"} | ${listed(ran) || "—"} | ${result} | ${date} | ${MACHINE} |`);
    }
    const order = Object.values(environments).flatMap(({ rows: tries }) => Object.keys(tries));
    writeFileSync(path, `${[words.head, ...order.flatMap((title) => lines.get(title) ?? [])].join("\n")}\n`);
  }
}
