import { bind } from "../load/bind.js";
import { load } from "../load/edge.js";

bind(load);

export * from "../index.js";
