/** What goes with the other half of the module: all that no page needs until it has its first token, unless something is wrong. */
import { ask } from "./asking.js";
import { retold, texts } from "./cause.js";
import { check, lost } from "./lost.js";
import { unreachable } from "./network.js";
import { methods } from "./rest-methods.js";

/** @typedef {typeof rest} Rest */

export const rest = { ask, check, lost, methods, retold, texts, unreachable };
