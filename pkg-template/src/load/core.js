/** Everything that the Rust module exports, through the generated glue; `instantiate` goes first. */
export * from "#glue";
export { open } from "./open.js";
