/** One browser for all pages: what they report. */
import { chromium } from "playwright-core";

const PATIENCE = 120_000;

/** @type {Promise<import("playwright-core").Browser> | undefined} */
let browser;

function launched() {
  const { CHROMIUM: executablePath } = process.env;
  if (!executablePath) throw new Error("CHROMIUM names no browser: run this with `cargo xtask test environments`");
  return (browser ??= chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--disable-background-networking"] }));
}

/** What a page leaves in `globalThis.report`. @param {string} address @returns {Promise<{ steps: string[], error: string | null }>} */
export async function reported(address) {
  const context = await (await launched()).newContext();
  try {
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    /** @type {string[]} */
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    await page.goto(address);
    await page.waitForFunction("globalThis.report").catch((error) => {
      throw new Error(`the page at ${address} reports nothing: ${error.message}\n${complaints.join("\n")}`);
    });
    return await page.evaluate("globalThis.report");
  } finally {
    await context.close();
  }
}

export async function closeBrowser() {
  await (await browser)?.close();
}

/** What the pages without a tool of their own run in. */
export const browserVersion = async () => `Chromium ${(await launched()).version()}`;
