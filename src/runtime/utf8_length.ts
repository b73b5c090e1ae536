/** How many bytes a text has in UTF-8, on a runtime with Node's `Buffer`. */
export function utf8Length(text: string): number {
  return Buffer.byteLength(text);
}

declare const Buffer: { byteLength(text: string): number };
