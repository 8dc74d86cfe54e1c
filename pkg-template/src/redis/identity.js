/** A name that nobody else has: 16 hexadecimal digits. */
export function identity() {
  return [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
