/** The stores that a browser has, by the names that the option `storage` gives them. */
import { isAbsent } from "./database.js";
import { indexed } from "./indexed.js";
import { tabStore } from "./session.js";
import { area, webStorage } from "./web-storage.js";

/**
 * Null where there is no such store. One that only fails just now is there all the same: in another place a session would be somebody else's.
 *
 * @param {"session" | "local"} name
 */
export async function browserStore(name) {
  if (name === "session") {
    const storage = area("sessionStorage");
    return storage && tabStore(storage);
  }
  const storage = area("localStorage");
  if (await isAbsent()) return storage && webStorage(storage);
  return indexed(storage);
}
