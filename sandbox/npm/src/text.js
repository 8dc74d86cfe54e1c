/** The two text codecs where a test environment has none (jsdom under Jest). The build puts these in the place of the global ones. */
export { TextDecoder, TextEncoder } from "node:util";
