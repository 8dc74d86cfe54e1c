/** How BIFIT Kassa wants a password: its SHA-256 in base64. Shown for a word that is no secret. */
import { h } from "./dom.js";
import { say } from "./i18n.js";

const WORD = "propusk";

export function digestSteps() {
  const list = h("dl", {});
  const step = (key, value) => h("div", {}, h("dt", { text: say(`digest.${key}`) }), h("dd", { text: value }));
  const bytes = new TextEncoder().encode(WORD);
  crypto.subtle.digest("SHA-256", bytes).then((digest) => {
    const base64 = btoa(String.fromCharCode(...new Uint8Array(digest)));
    list.append(
      step("utf8", hex(bytes)),
      step("sha256", hex(new Uint8Array(digest))),
      step("base64", base64),
      step("form", String(new URLSearchParams({ password: base64 }))),
    );
  });
  return h("section", { class: "digest" }, h("h3", { text: say("digest") }), h("p", { class: "quiet", text: say("digestNote") }), list);
}

const hex = (/** @type {Uint8Array} */ bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
