import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig(async ({ command }) => ({
  plugins: [react()],
  build: { chunkSizeWarningLimit: 1000 }, // the module, as text: loaded apart, and short when it is compressed
  server: command === "serve" ? { proxy: { "/auth/kassa": await kassa() } } : {},
}));

/** The service behind the page's own origin, since it answers no pages of others. In production a server does this: `propusk/relay`. */
async function kassa() {
  const base = process.env.KASSA_URL ?? (await (await import("propusk-sandbox")).startSandbox()).urls["bifit-kassa"];
  const { origin, pathname } = new URL(base);
  return { target: origin, changeOrigin: true, rewrite: (path) => path.replace("/auth/kassa", pathname) };
}
