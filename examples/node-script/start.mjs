/** Runs the script twice, to show that the second run need not sign in: against the address in KASSA_URL, or against the sandbox. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const sandbox = process.env.KASSA_URL ? null : await (await import("../sandbox.mjs")).startSandbox();
const directory = await mkdtemp(join(tmpdir(), "propusk-example-"));
const env = {
  KASSA_URL: sandbox?.kassa,
  KASSA_PHONE: "79990000001",
  KASSA_PASSWORD: "secret",
  SESSIONS: directory,
  ...process.env,
};
try {
  for (const run of ["first", "second"]) {
    console.log(`${run} run:`);
    const [code] = await once(spawn(process.execPath, [fileURLToPath(new URL("script.mjs", import.meta.url))], { env, stdio: "inherit" }), "exit");
    if (code !== 0) process.exitCode = 1;
  }
} finally {
  await rm(directory, { recursive: true });
  await sandbox?.stop();
}
