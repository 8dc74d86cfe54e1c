/** The sandbox and the package for tests on this machine. */
import { start } from "../../support/sandbox.mjs";

/** What the cases need besides the package, as JSON, and how to stop it. */
export async function services() {
  const { control, services, stop } = await start();
  return { given: { control, services }, stop };
}
