/** Random bytes to take from: asking the system for each id costs more than the rest of a span. */
const bytes = new Uint8Array(256);
let taken = bytes.length;
/** Each byte as it is written: looking it up is cheaper than formatting a number. */
let pairs: readonly string[] | undefined;

/**
 * Random hexadecimal digits. `crypto.randomUUID()` would do as well, but pages outside of a secure context do not
 * have it.
 */
export function randomHex(digits: number): string {
  pairs ??= Array.from(bytes, (_, byte) => byte.toString(16).padStart(2, "0"));
  let text = "";
  while (text.length < digits) text += pairs[nextByte()];
  return text.slice(0, digits);
}

function nextByte(): number {
  if (taken === bytes.length) {
    crypto.getRandomValues(bytes);
    taken = 0;
  }
  return bytes[taken++]!;
}
