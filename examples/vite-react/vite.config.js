import react from "@vitejs/plugin-react";
import { createRelay, toNodeHandler } from "propusk/relay";
import { defineConfig } from "vite";

const baseUrl = process.env.KASSA_URL ?? "https://kassa.bifit.com/cashdesk-api/v1";

// The service behind the page's own origin, since it answers no pages of others. In production a server of yours has the same lines.
const relay = toNodeHandler(await createRelay({ mount: "/auth/kassa", provider: { provider: "bifit-kassa", baseUrl }, api: ["protected/goods"] }));

export default defineConfig({
  plugins: [react(), { name: "relay", configureServer: ({ middlewares }) => void middlewares.use(relay) }],
  build: { chunkSizeWarningLimit: 1000 }, // the module, as text: loaded apart, and short when it is compressed
});
