/** The services on this machine, for an example that is told of no other: the program `sandbox` of this repository. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const REPOSITORY = fileURLToPath(new URL("..", import.meta.url));
const CARGO = ["run", "--package", "sandbox", "--"];

/** Builds and starts it with Cargo. It ends with `stop`, and otherwise with this process, however that ends: its standard input closes then. */
export async function startSandbox() {
  console.error("KASSA_URL is not set: starting the sandbox of this repository (the first time, Cargo compiles it)");
  const child = spawn("cargo", [...CARGO, "--quiet", "--until-stdin-closes"], { cwd: REPOSITORY, stdio: ["pipe", "pipe", "inherit"] });
  const gone = once(child, "exit").catch((error) => {
    throw new Error("cannot start Cargo: install Rust (https://rustup.rs), or set KASSA_URL to an address of the service", { cause: error });
  });
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    gone.then(([code]) => Promise.reject(new Error(`the sandbox did not start: \`cargo ${CARGO.join(" ")}\` in ${REPOSITORY} ended with ${code}`))),
  ]);
  const { baseUrl } = JSON.parse(line).services["bifit-kassa"];
  console.error(`BIFIT Kassa is played at ${baseUrl}; sign in with 79990000001 and the password "secret"`);
  return {
    kassa: baseUrl,
    async stop() {
      child.stdin.end();
      await gone;
    },
  };
}
