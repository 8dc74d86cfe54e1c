import { bind } from "../relay/load.js";
import { source } from "../relay/load-edge.js";

bind(source);

export * from "../relay/index.js";
