import adapter from "@sveltejs/adapter-node";
import { sveltekit } from "@sveltejs/kit/vite";
import { defineConfig } from "vite";

// A server behind no proxy speaks http: without its origin, SvelteKit takes its own page for another site's.
export default defineConfig({ plugins: [sveltekit({ adapter: adapter(), paths: { origin: process.env.ORIGIN } })] });
