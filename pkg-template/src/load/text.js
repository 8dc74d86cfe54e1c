/**
 * The two text codecs for the few hosts without them (jsdom under Jest). The build puts these names in the place of the
 * global ones, so nothing is added to the page. Rust's strings are always valid: the reader may be as strict as this.
 */

export const TextEncoder =
  globalThis.TextEncoder ??
  class {
    encode(text = "") {
      const escaped = encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\uFFFD"));
      const byte = (/** @type {string} */ part) => (part[2] ? Number.parseInt(part.slice(1), 16) : part.charCodeAt(0));
      return Uint8Array.from(escaped.match(/%..|./g) ?? [], byte);
    }
  };

export const TextDecoder =
  globalThis.TextDecoder ??
  class {
    decode(/** @type {Iterable<number>} */ bytes = []) {
      return decodeURIComponent(Array.from(bytes, (byte) => `%${(byte + 256).toString(16).slice(1)}`).join(""));
    }
  };
