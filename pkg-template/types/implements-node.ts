// Compiled only, with Node's own types, which nothing else here may lean on.
import * as made from "../src/node/index.js";
import type * as promised from "./node.js";

made satisfies typeof promised;
