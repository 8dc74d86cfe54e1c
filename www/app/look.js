/** The two switches at the top: language, light or dark. */
import { retell } from "./dom.js";
import { speak, spoken, t } from "./i18n.js";

const THEME = "propusk-demo.theme";

export function switches() {
  const languages = [...document.querySelectorAll("[data-language]")];
  const mark = () => {
    document.documentElement.lang = spoken();
    document.title = t("title");
    for (const button of languages) {
      button.setAttribute("aria-pressed", String(button.getAttribute("data-language") === spoken()));
    }
  };
  for (const button of languages) {
    button.addEventListener("click", () => {
      speak(button.getAttribute("data-language"));
      mark();
      retell();
    });
  }
  mark();
  theme(document.querySelector("#theme"));
}

/** Follows the system until somebody chooses. */
function theme(button) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => {
    const chosen = localStorage.getItem(THEME);
    return chosen ? chosen === "dark" : system.matches;
  };
  const show = () => {
    const chosen = localStorage.getItem(THEME);
    if (chosen) document.documentElement.dataset.theme = chosen;
    button.setAttribute("aria-pressed", String(isDark()));
  };
  button.addEventListener("click", () => {
    localStorage.setItem(THEME, isDark() ? "light" : "dark");
    show();
  });
  system.addEventListener("change", show);
  show();
}
