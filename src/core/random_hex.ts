/**
 * Random hexadecimal digits. `crypto.randomUUID()` would do as well, but pages that are no secure context do not
 * have it.
 */
export function randomHex(digits: number): string {
  const words = crypto.getRandomValues(new Uint32Array(Math.ceil(digits / 8)));
  return Array.from(words, (word) => word.toString(16).padStart(8, "0")).join("").slice(0, digits);
}
