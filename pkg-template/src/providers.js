/** The built-in providers as data: the same pages that the module reads. */
import { profile as bifitKassa } from "../../src/provider/builtin/bifit-kassa.json";
import { profile as bstats } from "../../src/provider/builtin/bstats.json";
import { profile as invoicebox } from "../../src/provider/builtin/invoicebox.json";
import { profile as mobileSmarts } from "../../src/provider/builtin/mobile-smarts.json";
import { profile as smartSatu } from "../../src/provider/builtin/smart-satu.json";
import { freeze } from "./freeze.js";

/** @typedef {import("../types/index.js").ProviderId} ProviderId */
/** @typedef {import("../types/index.js").ProviderProfile} ProviderProfile */

/** @type {{ readonly [K in ProviderId]: ProviderProfile }} */
export const providers = /* @__PURE__ */ freeze(
  /** @type {any} */ ({
    "bifit-kassa": bifitKassa,
    invoicebox,
    "mobile-smarts": mobileSmarts,
    bstats,
    "smart-satu": smartSatu,
  }),
);
