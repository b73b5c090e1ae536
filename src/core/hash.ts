/** FNV-1a of a text, as 8 hexadecimal digits: tells texts apart, no more. */
export function hash(text: string): string {
  return hashOf(text).toString(16).padStart(8, "0");
}

/** The same as a number of 32 bits. */
export function hashOf(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
