/** A script that is imported when it is needed: the module for what only some clients need, as texts. */
import { glue } from "#extras/glue";
import module from "#extras/module.wasm";
import { moduleOf } from "./streams.js";

/** Starts it: for each question, and lets go of it after that. None is frequent. */
export async function extras() {
  const made = glue(() => {});
  await made.instantiate(await moduleOf(module));
  return made;
}
