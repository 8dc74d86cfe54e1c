/** The stores that a browser has, by the names that the option `storage` gives them. */
import { Silence, reach } from "./database.js";
import { indexed } from "./indexed.js";
import { webStorage } from "./web-storage.js";

/**
 * Null where there is no such store.
 *
 * @param {"session" | "local"} name
 */
export async function browserStore(name) {
  if (name === "session") return webStorage("sessionStorage");
  return (await hasDatabase()) ? indexed() : webStorage("localStorage");
}

/** Private windows and policies of the browser refuse it. */
async function hasDatabase() {
  try {
    await reach();
    return true;
  } catch (error) {
    // A database that is only slow is that of the other tabs all the same: in another place they would not be met.
    return error instanceof Silence;
  }
}
