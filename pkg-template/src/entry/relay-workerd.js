import { bind } from "../relay/load.js";
import { source } from "../relay/load-workerd.js";

bind(source);

export * from "../relay/index.js";
