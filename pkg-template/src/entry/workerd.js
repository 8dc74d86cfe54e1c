import { bind } from "../load/bind.js";
import { load } from "../load/workerd.js";

bind(load);

export * from "../index.js";
