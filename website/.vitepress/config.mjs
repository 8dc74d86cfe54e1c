import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitepress";
import { ENTRIES } from "../api.mjs";
import { PAGES, ROOT, SIDE, SITE, SOURCE } from "../pages.mjs";
import { slug } from "../text.mjs";

/** @type {Record<"en" | "ru", Record<string, string>>} */
const WORDS = {
  en: { use: "Use", know: "Know", work: "Work on it", api: "API", guide: "Start" },
  ru: { use: "Как пользоваться", know: "Что важно знать", work: "Участие в проекте", api: "API", guide: "Начало" },
};

/** What the first line of a page says. @param {string} name @param {"en" | "ru"} lang */
function title(name, lang) {
  const page = PAGES.find((each) => each.name === name && each.lang === lang) ?? PAGES.find((each) => each.name === name);
  const text = readFileSync(join(ROOT, page.file), "utf8");
  return name === "start" ? WORDS[lang].guide : text.slice(2, text.indexOf("\n")).replaceAll("`", "");
}

/** @param {"en" | "ru"} lang */
function side(lang) {
  const link = (/** @type {string} */ name) => (PAGES.some((page) => page.name === name && page.lang === lang) ? `${lang === "ru" ? "/ru" : ""}/${name}` : `/${name}`);
  const groups = Object.entries(SIDE).map(([group, names]) => ({ text: WORDS[lang][group], items: names.map((name) => ({ text: title(name, lang), link: link(name) })) }));
  const api = { text: WORDS[lang].api, collapsed: false, items: Object.keys(ENTRIES).map((name) => ({ text: name, link: `/api/${name}` })) };
  return [...groups.slice(0, 2), api, ...groups.slice(2)];
}

/** @param {"en" | "ru"} lang */
const nav = (lang) => ["start", "recipes", "reference"].map((name) => ({ text: title(name, lang), link: `${lang === "ru" ? "/ru" : ""}/${name}` })).concat({ text: "API", link: "/api/" });

export default defineConfig({
  title: "Propusk",
  srcDir: SOURCE,
  outDir: SITE,
  cacheDir: join(ROOT, "target/website/cache"),
  cleanUrls: true,
  lastUpdated: false,
  markdown: { linkify: false, anchor: { slugify: slug }, theme: { light: "github-light", dark: "github-dark" } },
  head: [["link", { rel: "icon", href: "data:," }]],
  locales: {
    root: {
      label: "English",
      lang: "en",
      description: "Sign in to five Russian business services from a page or from Node",
      themeConfig: { nav: nav("en"), sidebar: side("en") },
    },
    ru: {
      label: "Русский",
      lang: "ru",
      description: "Вход в пять российских бизнес-сервисов со страницы или из Node",
      themeConfig: {
        nav: nav("ru"),
        sidebar: side("ru"),
        outline: { level: [2, 3], label: "На этой странице" },
        docFooter: { prev: "Назад", next: "Дальше" },
        darkModeSwitchLabel: "Оформление",
        lightModeSwitchTitle: "Светлое оформление",
        darkModeSwitchTitle: "Тёмное оформление",
        sidebarMenuLabel: "Меню",
        returnToTopLabel: "Наверх",
        langMenuLabel: "Язык",
        skipToContentLabel: "К содержанию",
        notFound: { title: "Такой страницы нет", quote: "Возможно, она переехала: попробуйте поиск.", linkLabel: "На главную", linkText: "На главную" },
      },
    },
  },
  themeConfig: {
    outline: { level: [2, 3] },
    i18nRouting: true,
    search: {
      provider: "local",
      options: {
        locales: {
          ru: {
            translations: {
              button: { buttonText: "Поиск", buttonAriaLabel: "Поиск" },
              modal: {
                displayDetails: "Показать подробно",
                resetButtonTitle: "Очистить",
                backButtonTitle: "Закрыть",
                noResultsText: "Ничего не найдено:",
                footer: { selectText: "открыть", navigateText: "выбрать", closeText: "закрыть" },
              },
            },
          },
        },
      },
    },
  },
});
