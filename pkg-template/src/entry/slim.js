import { bind } from "../load/bind.js";
import { load } from "../load/slim.js";

bind(load);

export * from "../index.js";
export { ready } from "../load/slim.js";
