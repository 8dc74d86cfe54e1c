/** A body that its owner may change while something else is waited for. @param {any} body */
export function copied(body) {
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength));
  switch (Object.prototype.toString.call(body)) {
    case "[object ArrayBuffer]":
      return body.slice(0);
    case "[object URLSearchParams]":
      return new URLSearchParams(body);
    default:
      return body;
  }
}
