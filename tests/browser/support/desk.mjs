/** The demo page as its user knows it: by labels and buttons. */

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("../../support/sandbox.mjs").Service} Service */

/** @param {Page} page */
export function desk(page) {
  const button = (name) => page.getByRole("button", { name, exact: true });
  const result = page.getByRole("status", { name: "Result" });
  return {
    button,
    result,
    pass: page.locator("#pass"),
    /** Lines of the ledger. */
    lines: page.locator("#ledger li"),

    /** Resolves when the page is there and has looked at its address. */
    ready: () => page.locator("body[data-ready]").waitFor(),
    /** @param {Service} service */
    choose: (service) => page.locator(`input[value="${service}"]`).check(),
    /** One of the accounts that the page offers, by its note. @param {string | RegExp} note */
    account: (note) => page.getByRole("listitem").getByRole("button", { name: note }).click(),
    signIn: () => button("Sign in").click(),
    /** Presses a button and waits for an outcome with this text. @param {string} name @param {string | RegExp} outcome */
    async press(name, outcome) {
      await button(name).click();
      await result.getByText(outcome).first().waitFor();
    },
    signedIn: () => button("Sign out").waitFor(),
  };
}

/** The user's part on the page of bstats, in the language of a browser that prefers English. @param {Page} page @param {"Allow" | "Deny"} decision */
export async function decide(page, decision) {
  // The page that is left may have labels like these.
  await page.waitForURL(/\/api\.php\/auth/);
  await page.getByLabel("Login").fill("demo");
  await page.getByLabel("Password").fill("demo");
  await page.getByRole("button", { name: decision }).click();
}
