import { bind } from "../load/bind.js";
import { load } from "../load/inline.js";

bind(load);

export * from "../index.js";
