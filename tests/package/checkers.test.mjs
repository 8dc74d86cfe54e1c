import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { consumer, TARBALL, tool } from "./consumer.mjs";

const OPTIONS = { noEmit: true, strict: true, target: "es2022", lib: ["es2022", "esnext.disposable", "dom"], types: [] };

test("publint finds nothing, not even a suggestion", async () => {
  assert.match(await tool("publint", "src/cli.js", "run", TARBALL, "--strict"), /All good!/);
});

test("the types resolve in every module system, also in those that know no `exports`", async () => {
  // The raw module is a file, not something with types.
  const args = ["--profile", "strict", "--exclude-entrypoints", "./module.wasm"];
  await tool("@arethetypeswrong/cli", "dist/index.js", TARBALL, ...args);
});

test("a strict program compiles against the declarations, which are themselves checked", async () => {
  const program = `
    import { AuthClient, isAuthError, type Session } from "propusk";
    import * as slim from "propusk/slim";
    import { fileStore } from "propusk/node";
    import { redisStore, type RedisClient } from "propusk/redis";
    import { userMessage } from "propusk/messages";
    import { useSession } from "propusk/react";
    import { createRelay } from "propusk/relay";
    export async function signIn(token: string, redis?: RedisClient): Promise<Session | string> {
      await slim.ready(fetch("/module.wasm"));
      const storage = redis ? redisStore(redis, { prefix: "app:" }) : fileStore({ lockTimeout: 5000 });
      const client = await AuthClient.create({ provider: "invoicebox", storage });
      try {
        return await client.login({ token });
      } catch (error) {
        return isAuthError(error, "invalid_credentials") ? error.code : userMessage(error, navigator.language);
      }
    }
    export const relay = createRelay({ mount: "/auth/box", provider: { provider: "invoicebox" } });
    export function useSubject(client: AuthClient): string | null {
      return useSession(client).session?.subject ?? null;
    }`;
  const project = (module, moduleResolution, ...files) => JSON.stringify({ compilerOptions: { ...OPTIONS, module, moduleResolution }, files });
  const { folder } = await consumer({
    "program.mts": program,
    "program.cts": program,
    "nodenext.json": project("nodenext", "nodenext", "program.mts", "program.cts"),
    "bundler.json": project("esnext", "bundler", "program.mts"),
    "program.ts": program,
    "node.json": project("commonjs", "node10", "program.ts"),
  });
  await tool("typescript", "bin/tsc", "--project", join(folder, "nodenext.json"));
  await tool("typescript", "bin/tsc", "--project", join(folder, "bundler.json"));
  // The last version that knows this resolution, which many projects still have.
  await tool("typescript-5", "bin/tsc", "--project", join(folder, "node.json"));
});
