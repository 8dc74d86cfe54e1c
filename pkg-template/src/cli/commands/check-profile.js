import { OTHER } from "../exits.js";
/** @type {import("../context.js").Command} */
export async function checkProfile() {
  return OTHER;
}
