/** Starts the server against the sandbox, which ends with this process. */
process.env.KASSA_URL ??= (await (await import("propusk-sandbox")).startSandbox()).urls["bifit-kassa"];
await import("./server.mjs");
