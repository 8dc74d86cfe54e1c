/** Services whose sign-in takes nothing but the first half of the module: `first.mjs` makes it so. */
export const FIRST = ["bifit-kassa", "mobile-smarts", "smart-satu", "invoicebox"];
