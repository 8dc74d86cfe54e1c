/** Starts the server against the address in KASSA_URL, or against the sandbox, which ends with this process. */
process.env.KASSA_URL ??= (await (await import("../sandbox.mjs")).startSandbox()).kassa;
await import("./dist/server.js");
