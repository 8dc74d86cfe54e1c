import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const { origin, pathname } = new URL(process.env.KASSA_URL ?? "https://kassa.bifit.com/cashdesk-api/v1");

export default defineConfig({
  plugins: [react()],
  build: { chunkSizeWarningLimit: 1000 }, // the module, as text: loaded apart, and short when it is compressed
  server: {
    // The service behind the page's own origin, since it answers no pages of others. In production a server of yours does this:
    // `proxy.mjs` of the example plain-page is the least that it needs.
    proxy: { "/auth/kassa": { target: origin, changeOrigin: true, rewrite: (path) => path.replace("/auth/kassa", pathname) } },
  },
});
