import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["target/", "**/node_modules/", "examples/*/dist/", "examples/*/.next/", "**/*.d.ts", "**/*.d.cts"] },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    languageOptions: { ecmaVersion: 2022, sourceType: "module" },
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-implicit-globals": "error",
      "no-throw-literal": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
    },
  },
  {
    // The package runs everywhere: only what every host has, and of that nothing that makes code from text.
    files: ["pkg-template/src/**"],
    languageOptions: { globals: { ...globals["shared-node-browser"], ...globals.es2022, __VERSION__: "readonly", __BUILD__: "readonly" } },
    rules: { "no-console": "error", "no-eval": "error", "no-implied-eval": "error", "no-new-func": "error" },
  },
  {
    files: ["sandbox/npm/**"],
    languageOptions: { globals: { ...globals.nodeBuiltin, __VERSION__: "readonly", __BUILD__: "readonly" } },
    rules: { "no-eval": "error", "no-implied-eval": "error", "no-new-func": "error" },
  },
  {
    files: ["www/**"],
    languageOptions: { globals: globals.browser },
  },
  {
    // Tests send functions into pages, so they have both.
    files: ["*.js", "pkg-template/*.mjs", "tests/**", "bench/**", "www/**/*.mjs", "website/**", "website/.vitepress/**", "examples/**"],
    languageOptions: { globals: { ...globals.nodeBuiltin, ...globals.browser } },
  },
  {
    files: ["examples/next/**"],
    languageOptions: { parserOptions: { ecmaFeatures: { jsx: true } } },
    // What JSX uses, this rule does not see.
    rules: { "no-unused-vars": "off" },
  },
  {
    files: ["examples/jest/**"],
    languageOptions: { sourceType: "commonjs", globals: globals.jest },
  },
  {
    files: ["tests/package/fixtures/jest/**", "tests/sandbox/fixtures/**"],
    languageOptions: { sourceType: "commonjs", globals: { jest: "readonly" } },
  },
  {
    // Programs of other runtimes and frameworks, each with globals of its own.
    files: ["tests/environments/*/**"],
    languageOptions: { globals: { Bun: "readonly", Deno: "readonly", defineEventHandler: "readonly", fromNodeMiddleware: "readonly", defineNuxtConfig: "readonly" } },
  },
  {
    files: ["tests/environments/next/**"],
    languageOptions: { parserOptions: { ecmaFeatures: { jsx: true } } },
    rules: { "no-unused-vars": "off" },
  },
  {
    files: ["tests/environments/**/*.cjs", "tests/environments/jest/**"],
    languageOptions: { sourceType: "commonjs", globals: { ...globals.node, ...globals.jest } },
  },
];
