import { bind } from "../relay/load.js";
import { source } from "../relay/load-inline.js";

bind(source);

export * from "../relay/index.js";
